#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace postern::test {

/// A TCP relay in front of PostgreSQL that breaks the connection around a COMMIT, as a network or a dying server would.
class cutting_proxy {
public:
    enum class cut {
        never,
        before_commit,  ///< what holds COMMIT is swallowed: the server rolls back
        after_commit,   ///< the server is let commit and answer; the answer is swallowed
    };

    /// Relays to the server of `postgresql_url`.
    explicit cutting_proxy(const std::string& postgresql_url);
    ~cutting_proxy();
    cutting_proxy(const cutting_proxy&) = delete;
    cutting_proxy& operator=(const cutting_proxy&) = delete;

    /// The same database through the proxy.
    [[nodiscard]] std::string url() const { return url_; }

    /// What happens to the next COMMIT that comes by; then never again until set again.
    void next(cut how) { how_ = how; }

private:
    void accept();
    void relay(int client);

    std::string url_;
    std::string server_host_;
    std::string server_port_;
    int listener_ = -1;
    std::atomic<cut> how_ = cut::never;
    std::mutex mutex_;
    std::vector<int> sockets_;
    std::vector<std::thread> relays_;
    std::thread acceptor_;
};

}  // namespace postern::test
