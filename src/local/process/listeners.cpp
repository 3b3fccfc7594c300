// Reads /proc to find the TCP ports on which a process and its descendants listen.
//
// A socket belongs to a process if /proc/PID/fd has a link to its inode, and /proc/net/tcp tells
// the port of each inode. The result is a snapshot. Blocks for the time of reading /proc.
#include "local/process/listeners.hpp"

#include "local/process/descriptor.hpp"
#include "local/process/proc_stat.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unordered_map>

namespace skein::local {
namespace fs = std::filesystem;

namespace {

// Ends the walk upwards if parents change while /proc is read and seem to form a circle.
constexpr int max_generations = 64;

// The process itself and its descendants, found by walking up from every process.
std::vector<pid_t> family_of(pid_t ancestor) {
    std::unordered_map<pid_t, pid_t> parents;
    each_process([&](const ProcStat& stat) { parents[stat.identity.pid] = stat.parent; });
    std::vector<pid_t> family;
    for (const auto& [pid, parent] : parents) {
        auto one = pid;
        for (int i = 0; i < max_generations && one > 1 && one != ancestor; ++i) {
            const auto known = parents.find(one);
            one = known == parents.end() ? 0 : known->second;
        }
        if (one == ancestor) family.push_back(pid);
    }
    return family;
}

// `socket:[12345]`
void add_sockets(pid_t pid, std::set<std::string>& sockets) {
    constexpr std::string_view prefix = "socket:[";
    std::error_code error;
    const auto folder = fs::path{"/proc"} / std::to_string(pid) / "fd";
    for (const auto& entry : fs::directory_iterator{folder, error}) {
        std::error_code gone;
        const auto link = fs::read_symlink(entry.path(), gone).string();
        if (!gone && link.starts_with(prefix)) {
            sockets.insert(link.substr(prefix.size(), link.size() - prefix.size() - 1));
        }
    }
}

// True for 127.0.0.1, for the same as an IPv4-mapped IPv6 address, and for the wildcard address.
// The file has addresses in the byte order of the machine (little-endian here).
bool takes_loopback(std::string_view address) {
    return address == "0100007F" || address == "0000000000000000FFFF00000100007F" ||
           address.find_first_not_of('0') == std::string_view::npos;
}

// Parses lines such as `0: 0100007F:1F90 00000000:0000 0A … uid timeout inode`; 0A means LISTEN.
void add_ports(
    const char* table, const std::set<std::string>& sockets, std::vector<std::uint16_t>& ports
) {
    constexpr std::string_view listening = "0A";
    std::ifstream file{table};
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
        std::istringstream words{line};
        std::string number, at, to, state, ignored, inode;
        words >> number >> at >> to >> state;
        for (int i = 0; i < 5; ++i) words >> ignored;
        words >> inode;
        const auto colon = at.find(':');
        if (state != listening || colon == std::string::npos || !sockets.contains(inode)) continue;
        if (!takes_loopback(std::string_view{at}.substr(0, colon))) continue;
        std::uint16_t port = 0;
        std::from_chars(at.data() + colon + 1, at.data() + at.size(), port, 16);
        ports.push_back(port);
    }
}

}  // namespace

std::vector<std::uint16_t> ports_of(pid_t ancestor) {
    std::set<std::string> sockets;
    for (const auto pid : family_of(ancestor)) add_sockets(pid, sockets);
    std::vector<std::uint16_t> ports;
    add_ports("/proc/net/tcp", sockets, ports);
    add_ports("/proc/net/tcp6", sockets, ports);
    std::ranges::sort(ports);
    return ports;
}

std::uint16_t free_port() {
    // Bound to port 0, for which the kernel chooses a free one, and closed again at the end.
    const Descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const plain = reinterpret_cast<sockaddr*>(&address);
    if (bind(socket.number(), plain, size) != 0) return 0;
    if (getsockname(socket.number(), plain, &size) != 0) return 0;
    return ntohs(address.sin_port);
}

}  // namespace skein::local
