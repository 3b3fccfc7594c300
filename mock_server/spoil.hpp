// Faults, as they are done to a reply.
#pragma once
#include "mock_server/reply.hpp"
#include "mock_server/weather.hpp"

namespace skein::mock {

// Can this be done to such a request at all? `index`: how many the connection served before.
bool applies(Mishap mishap, bool stream, std::size_t index);

// The script of a reply that would have been this one, had nothing gone wrong.
Script spoil(const Rule& rule, Reply reply, bool close);

// As the ledger calls it: the name of the fault, or the status where that is all there is to it.
std::string answered_as(const Rule& rule);

}  // namespace skein::mock
