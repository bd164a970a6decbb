#include "dns/cares_resolver.hpp"

#include <arpa/inet.h>

#include <array>
#include <map>
#include <utility>

#include <ares.h>
#include <fmt/format.h>
#include <boost/asio/error.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include "dns/errc.hpp"
#include "dns/wire.hpp"

namespace postern::dns {

namespace asio = boost::asio;

namespace {

using timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, net::executor>;
using descriptor = asio::posix::basic_stream_descriptor<net::executor>;

constexpr int udp_payload = 1232;  // RFC 6891 6.2.5; no fragments on any common path
constexpr int internet_class = 1;

/// A question that c-ares holds; shared with the coroutine that waits, which may be gone first.
struct question {
    question(net::executor loop, std::string n, record_type t) : name(std::move(n)), type(t), done(loop) {
        done.expires_at(timer::time_point::max());
    }

    std::string name;
    record_type type;
    answer result;
    bool answered = false;
    timer done;  ///< cancelled when the answer is there
};

/// c-ares's callback, with ownership of the shared_ptr that was given to it. May run inside ares_send.
void on_answer(void* argument, int status, int /*timeouts*/, unsigned char* octets, int length) noexcept {
    const std::unique_ptr<std::shared_ptr<question>> held(static_cast<std::shared_ptr<question>*>(argument));
    auto& q = **held;
    q.answered = true;
    if (status == ARES_SUCCESS && octets != nullptr && length > 0) {
        q.result = read_answer({octets, static_cast<std::size_t>(length)}, q.name, q.type);
    } else {
        q.result.failure = ares_strerror(status);
    }
    q.done.cancel();
}

std::string server_list(const std::vector<server>& servers) {
    std::string csv;
    for (const auto& s : servers) {
        if (!csv.empty()) csv += ',';
        csv += s.address.find(':') == std::string::npos ? fmt::format("{}:{}", s.address, s.port)
                                                        : fmt::format("[{}]:{}", s.address, s.port);
    }
    return csv;
}

}  // namespace

/// The c-ares channel with its sockets and its one timer on the loop.
///
/// c-ares tells through on_socket_state which sockets it wants watched; it owns and closes them. Handlers hold a weak_ptr, so
/// the channel may go while one is under way.
class cares_resolver::channel : public std::enable_shared_from_this<channel> {
public:
    explicit channel(net::executor loop) : loop_(loop), timeout_(loop) {}

    ~channel() {
        if (ares_ == nullptr) return;
        ares_destroy(ares_);  // answers every question still out with ARES_EDESTRUCTION
    }
    channel(const channel&) = delete;
    channel& operator=(const channel&) = delete;

    core::result<void> open(const resolver_options& options) {
        ares_options o{};
        o.flags = ARES_FLAG_EDNS | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
        o.ednspsz = udp_payload;
        o.timeout = static_cast<int>(options.timeout.count());
        o.tries = options.tries;
        o.sock_state_cb = &on_socket_state;
        o.sock_state_cb_data = this;
        const int mask = ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
        if (const int status = ares_init_options(&ares_, &o, mask); status != ARES_SUCCESS) {
            ares_ = nullptr;
            return core::fail(errc::no_resolver, ares_strerror(status));
        }
        if (options.servers.empty()) return {};
        const auto list = server_list(options.servers);
        if (const int status = ares_set_servers_ports_csv(ares_, list.c_str()); status != ARES_SUCCESS) {
            return core::fail(errc::bad_server, fmt::format("{}: {}", list, ares_strerror(status)));
        }
        return {};
    }

    net::awaitable<answer> ask(std::string name, record_type type) {
        const auto self = shared_from_this();
        const auto q = std::make_shared<question>(loop_, std::move(name), type);
        send(q);
        arm();
        boost::system::error_code ignored;
        if (!q->answered) co_await q->done.async_wait(asio::redirect_error(net::use_awaitable, ignored));
        // Woken without an answer: the waiting coroutine was cancelled. c-ares keeps its own share of the question.
        if (!q->answered) throw boost::system::system_error(asio::error::operation_aborted);
        co_return std::move(q->result);
    }

    [[nodiscard]] std::vector<std::string> servers() const {
        ares_addr_port_node* list = nullptr;
        if (ares_get_servers_ports(ares_, &list) != ARES_SUCCESS) return {};
        const std::unique_ptr<ares_addr_port_node, decltype(&ares_free_data)> held(list, &ares_free_data);
        std::vector<std::string> names;
        for (const auto* s = list; s != nullptr; s = s->next) {
            std::array<char, INET6_ADDRSTRLEN> text{};
            ::inet_ntop(s->family, &s->addr, text.data(), text.size());
            const int port = s->udp_port == 0 ? 53 : s->udp_port;
            names.push_back(s->family == AF_INET6 ? fmt::format("[{}]:{}", text.data(), port)
                                                  : fmt::format("{}:{}", text.data(), port));
        }
        return names;
    }

    /// Ends every question still out with a temporary failure.
    void cancel() { ares_cancel(ares_); }

private:
    void send(const std::shared_ptr<question>& q) {
        unsigned char* octets = nullptr;
        int length = 0;
        const int status =
            ares_create_query(q->name.c_str(), internet_class, static_cast<int>(q->type), 0, 1, &octets, &length, udp_payload);
        if (status != ARES_SUCCESS) {
            q->answered = true;
            q->result.failure = ares_strerror(status);
            return;
        }
        const std::unique_ptr<unsigned char, decltype(&ares_free_string)> held(octets, &ares_free_string);
        octets[3] |= 0x20;  // RFC 6840 5.7: AD in a question asks for AD in the answer
        ares_send(ares_, octets, length, &on_answer, new std::shared_ptr<question>(q));
    }

    static void on_socket_state(void* self, ares_socket_t socket, int readable, int writable) noexcept {
        static_cast<channel*>(self)->watch(socket, readable != 0, writable != 0);
    }

    enum direction : std::size_t { read, write };

    struct watched {
        explicit watched(net::executor loop, int fd) : socket(loop, fd) {}
        ~watched() { socket.release(); }  // c-ares closes it
        watched(const watched&) = delete;
        watched& operator=(const watched&) = delete;
        descriptor socket;
        std::array<bool, 2> wanted{};
        std::array<bool, 2> waiting{};
    };

    void watch(int fd, bool readable, bool writable) {
        if (!readable && !writable) {
            sockets_.erase(fd);
            return;
        }
        auto& entry = sockets_[fd];
        if (!entry) entry = std::make_shared<watched>(loop_, fd);
        entry->wanted = {readable, writable};
        wait(entry, fd, read);
        wait(entry, fd, write);
    }

    void wait(const std::shared_ptr<watched>& entry, int fd, direction d) {
        if (!entry->wanted[d] || entry->waiting[d]) return;
        entry->waiting[d] = true;
        entry->socket.async_wait(
            d == read ? descriptor::wait_read : descriptor::wait_write,
            [weak = weak_from_this(), seen = std::weak_ptr(entry), fd, d](const boost::system::error_code& error) {
                const auto self = weak.lock();
                const auto socket = seen.lock();
                if (!self || !socket || error) return;
                socket->waiting[d] = false;
                self->process(socket, fd, d);
            });
    }

    void process(const std::shared_ptr<watched>& entry, int fd, direction d) {
        if (entry->wanted[d]) ares_process_fd(ares_, d == read ? fd : ARES_SOCKET_BAD, d == read ? ARES_SOCKET_BAD : fd);
        const auto still = sockets_.find(fd);  // c-ares may have closed it meanwhile, and opened another of its number
        if (still != sockets_.end() && still->second == entry) wait(entry, fd, d);
        arm();
    }

    /// One timer for whatever c-ares waits for longest overdue.
    void arm() {
        timeval limit{};
        if (ares_timeout(ares_, nullptr, &limit) == nullptr) {
            timeout_.cancel();
            return;
        }
        timeout_.expires_after(std::chrono::seconds(limit.tv_sec) + std::chrono::microseconds(limit.tv_usec));
        timeout_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
            const auto self = weak.lock();
            if (!self || error) return;
            ares_process_fd(self->ares_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
            self->arm();
        });
    }

    net::executor loop_;
    ares_channel ares_ = nullptr;
    std::map<int, std::shared_ptr<watched>> sockets_;
    timer timeout_;
};

cares_resolver::cares_resolver(std::shared_ptr<channel> c) : channel_(std::move(c)) {}
cares_resolver::~cares_resolver() { channel_->cancel(); }

core::result<std::unique_ptr<cares_resolver>> cares_resolver::create(net::executor loop, const resolver_options& options) {
    auto made = std::make_shared<channel>(loop);
    if (auto opened = made->open(options); !opened) return std::unexpected(opened.error());
    return std::unique_ptr<cares_resolver>(new cares_resolver(std::move(made)));
}

net::awaitable<answer> cares_resolver::lookup(std::string name, record_type type) {
    return channel_->ask(std::move(name), type);
}

std::vector<std::string> cares_resolver::servers() const { return channel_->servers(); }

}  // namespace postern::dns
