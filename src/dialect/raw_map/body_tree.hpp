// The body of a request as a tree of objects, whose other values are JSON text.
#pragma once
#include "dialect/raw_map/pointer.hpp"
#include "json/json.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace skein::mapped {

// A tree that is made once, copied for each request, filled and written.
struct BodyTree {
    std::string name{};  // Of this member.
    std::string json{};  // The value, unless it is an object.
    bool is_object = true;
    std::vector<BodyTree> members{};

    // Copies an object.
    static BodyTree from(json::Element object);

    // Sets a value, as JSON, and makes the objects on the way. False: a value that is no object is
    // in the way.
    bool set(const Pointer& pointer, std::string value);

    void write(std::string& out) const;
};

}  // namespace skein::mapped
