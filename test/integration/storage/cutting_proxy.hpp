#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace postern::test {

/// A TCP relay in front of PostgreSQL that breaks the connection around a COMMIT, as a network or a dying server would, or
/// falls silent, as a slow disk or a host behind a dead link does.
class cutting_proxy {
public:
    enum class cut {
        never,
        before_commit,  ///< what holds COMMIT is swallowed: the server rolls back
        after_commit,   ///< the server is let commit and answer; the answer is swallowed
        held,           ///< the server is let commit and answer; the answer waits for let_go(), and the connection stays
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

    /// Waits until an answer is held.
    void wait_for_answer();
    /// Passes it on.
    void let_go();

private:
    void accept();
    void relay(int client);

    std::string url_;
    std::string server_host_;
    std::string server_port_;
    int listener_ = -1;
    std::atomic<cut> how_ = cut::never;
    std::mutex mutex_;
    std::condition_variable held_;
    bool holding_ = false;
    int bell_ = -1;  // rung by let_go()
    std::vector<int> sockets_;
    std::vector<std::thread> relays_;
    std::thread acceptor_;
};

}  // namespace postern::test
