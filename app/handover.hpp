#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/log.hpp"
#include "core/result.hpp"
#include "net/awaitable.hpp"
#include "net/inherited_sockets.hpp"

/// Handing the listening sockets from a running server to the one that replaces it, so that nobody who connects is refused.
///
/// Flow: the running server listens at a UNIX socket in its data folder. `postern serve --take-over` connects, says "sockets"
/// and gets them (SCM_RIGHTS). From then on both have the same sockets and the same queue of waiting connections. When the new
/// server accepts it says "serving", hears "yours", and the old one ends as after SIGTERM. On failure, at whatever step, the
/// old one goes on as if nothing had been: only "serving" ends it.
namespace postern::app {

/// Where a server with this data folder is asked.
[[nodiscard]] std::filesystem::path handover_socket(const std::filesystem::path& data_dir);

/// Waits for a successor and gives it what `lend` gives. True when it serves; its sockets are ours only by name then. False at
/// once, with a log line, where nobody can ask: another server of the same data folder is asked already.
net::awaitable<bool> wait_for_successor(std::filesystem::path at, std::function<std::vector<int>()> lend, core::logger log);

/// The other side.
class predecessor {
public:
    /// Connects and takes the sockets. The error is a sentence.
    static net::awaitable<core::result<std::shared_ptr<predecessor>>> find(std::filesystem::path at,
                                                                           std::shared_ptr<net::inherited_sockets> into);
    ~predecessor();
    predecessor(const predecessor&) = delete;
    predecessor& operator=(const predecessor&) = delete;

    /// We accept: it may end. When this returns, successors ask us.
    net::awaitable<core::result<void>> release();

private:
    struct connection;
    explicit predecessor(std::unique_ptr<connection> c);

    std::unique_ptr<connection> connection_;
};

}  // namespace postern::app
