// Streams into the common form, by a map.
#pragma once
#include "dialect/raw/answer_translator.hpp"
#include "dialect/seam/dialect.hpp"

#include <memory>
#include <string>
#include <vector>

namespace skein::mapped {

// The map must have `stream`.
class MappedStream : public StreamTranslator {
public:
    explicit MappedStream(std::shared_ptr<const RawMap> map) : map_{std::move(map)} {}

    void read(const Event& event, std::vector<std::string>& chunks) override;

private:
    void read_object(json::Element root, const Event& event, std::vector<std::string>& chunks);
    std::string chunk_of(const Found& found);
    void end(std::vector<std::string>& chunks);

    std::shared_ptr<const RawMap> map_;
    bool has_text_ = false;
    bool has_reason_ = false;
    Found counts_{};  // The last of each count.
};

}  // namespace skein::mapped
