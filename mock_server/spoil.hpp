// Fault injection: changes a good reply into a faulty one.
#pragma once
#include "mock_server/reply.hpp"
#include "mock_server/weather.hpp"

namespace skein::mock {

// Can this request have this fault? `index`: the number of requests that the connection has served
// before.
bool applies(Mishap mishap, bool stream, std::size_t index);

// The script of the faulty reply. `reply` is the good one.
Script spoil(const Rule& rule, Reply reply, bool close);

// The word for the ledger: the name of the fault; for the fault `status` its number.
std::string answered_as(const Rule& rule);

}  // namespace skein::mock
