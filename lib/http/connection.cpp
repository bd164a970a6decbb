#include "http/connection.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "net/listener.hpp"

namespace postern::http {

namespace {

constexpr std::size_t longest_head = 60UL * 1024;  // what fits the stream's buffer
constexpr std::int64_t least_speed = 4L * 1024;    // octets a second: a slower reader holds an answer up for nothing
constexpr std::size_t least_upload_speed = 16UL * 1024;
constexpr std::size_t joined_body = 16UL * 1024;    // a body up to this goes out in one write with its head
constexpr auto farewell = std::chrono::seconds(2);  // for the client to read our last words

}  // namespace

connection::connection(net::tcp_socket socket, const net::tcp_endpoint& client, const net::tls_server_context* tls,
                       const dispatcher& dispatcher, body_budget& bodies, const config::limit_settings& limits,
                       const core::clock& clock, const core::logger& log)
    : stream_(std::move(socket), client),
      tls_(tls),
      dispatcher_(dispatcher),
      bodies_(bodies),
      limits_(limits),
      clock_(clock),
      log_(log) {}

net::awaitable<void> connection::run() {
    if (tls_ != nullptr && !co_await stream_.start_tls(*tls_, limits_.http_request_timeout)) co_return;
    auto then = next::request;
    while (then == next::request) then = co_await serve_one();
    if (then == next::finish) co_await stream_.finish(farewell);
    stream_.close();
}

void connection::stop(bool patience_is_over) {
    stopping_ = true;
    if (idle_ && (!new_ || patience_is_over)) stream_.interrupt();
    if (live_ != nullptr) live_->end();
}

net::awaitable<connection::next> connection::serve_one() {
    if (!co_await await_request()) co_return next::close;
    const auto until = steady::now() + limits_.http_request_timeout;
    request_reader reader(std::min(limits_.http_header_size, longest_head));
    const auto head = co_await read_head(reader, until);
    if (!head) co_return co_await refuse(head.error(), false);
    if (!*head) co_return next::close;

    const auto begun = steady::now();
    const auto& request = reader.get();
    const bool head_only = request.method == verb::head;
    const auto from = dispatcher_.find_origin(request, {stream_.peer().address(), stream_.tls() != nullptr});
    auto context = co_await dispatcher_.admit(request, from);
    body_budget::share held(bodies_);
    if (request.has_body) {
        if (!context) co_return co_await refuse(std::move(context.error()), head_only);  // its body stays unread
        const auto body = co_await read_body(reader, *context->match.found, held, until);
        if (!body) co_return co_await refuse(body.error(), head_only);
        if (!*body) co_return next::close;
    }
    response answer;
    if (context) {
        answer = co_await dispatcher_.answer(*context);
    } else {
        answer = to_response(std::move(context.error()));
    }
    dispatcher_.count(answer.code, steady::now() - begun);
    // Without chunks the end of a live body is the connection's.
    const bool endless = std::holds_alternative<std::shared_ptr<live_source>>(answer.body) && !request.http_11;
    const bool keep_alive = request.keep_alive && !stopping_ && !endless;
    const auto sent = co_await send(answer, {.head_only = head_only, .keep_alive = keep_alive, .http_11 = request.http_11});
    if (log_.writes(core::log_level::debug)) {
        log_.debug("request", {{"client", from.address.to_string()},
                               {"method", std::string_view(boost::beast::http::to_string(request.method))},
                               {"target", request.target},
                               {"status", static_cast<unsigned>(answer.code)},
                               {"size", answer.body_size()}});
    }
    if (!sent) co_return next::close;
    co_return keep_alive && !stopping_ ? next::request : next::finish;
}

/// Waits between two requests, where a client may stay away and a stop need not wait.
net::awaitable<bool> connection::await_request() {
    if (stopping_ && !new_) co_return false;
    if (stream_.buffered().empty()) {
        stream_.shrink();
        idle_ = true;
        const auto arrived = co_await stream_.fill(limits_.http_idle_timeout);
        idle_ = false;
        if (!arrived) co_return false;
    }
    const bool first = std::exchange(new_, false);
    co_return first || !stopping_;
}

/// False when the client went away in the middle.
net::awaitable<outcome<bool>> connection::read_head(request_reader& reader, steady::time_point until) {
    for (;;) {
        const auto taken = reader.read_head(stream_.buffered());
        if (!taken) co_return std::unexpected(taken.error());
        if (*taken) {
            stream_.consume(**taken);
            co_return true;
        }
        if (const auto more = co_await stream_.fill(until - steady::now()); !more) {
            if (more.error().code != net::errc::timed_out) co_return false;
            co_return http::refuse(status::request_timeout, "The request did not arrive in time.");
        }
    }
}

/// False when the client went away in the middle.
net::awaitable<outcome<bool>> connection::read_body(request_reader& reader, const route& of, body_budget::share& held,
                                                    steady::time_point until) {
    // RFC 9110 9.3.1 gives a body no meaning in a GET: where the route takes none it is read past, within the limit.
    const bool wanted = of.body != body_kind::none;
    if (const auto begun = reader.begin_body(dispatcher_.body_limit(of)); !begun) co_return std::unexpected(begun.error());
    if (reader.get().expects_continue && stream_.buffered().empty()) {
        if (!co_await stream_.write("HTTP/1.1 100 Continue\r\n\r\n", until - steady::now())) co_return false;
    }
    while (!reader.body_done()) {
        const auto taken = reader.read_body(stream_.buffered());
        if (!taken) co_return std::unexpected(taken.error());
        stream_.consume(*taken);
        if (!wanted) {
            reader.drop_body();
        } else if (!held.take(*taken)) {
            co_return std::unexpected(try_later("Too much is being uploaded at the moment. Please try again soon."));
        }
        // An upload may take its time, at a least speed; its sender is known.
        if (of.body == body_kind::json_or_form) until += std::chrono::microseconds(*taken * 1'000'000 / least_upload_speed);
        if (reader.body_done() || *taken > 0) continue;
        if (const auto more = co_await stream_.fill(until - steady::now()); !more) {
            if (more.error().code != net::errc::timed_out) co_return false;
            co_return http::refuse(status::request_timeout, "The request did not arrive in time.");
        }
    }
    co_return true;
}

net::awaitable<core::result<void>> connection::send(const response& r, sending how) {
    const bool secure = stream_.tls() != nullptr;
    auto out = head_of(r, {.keep_alive = how.keep_alive, .secure = secure, .chunked = how.http_11}, clock_.now());
    const auto size = r.body_size();
    const auto until = steady::now() + limits_.http_request_timeout + std::chrono::seconds(size / least_speed);
    if (how.head_only) co_return co_await write(out, until);
    if (const auto* source = std::get_if<std::shared_ptr<body_source>>(&r.body)) {
        co_return co_await stream_body(**source, std::move(out), until);
    }
    if (const auto* source = std::get_if<std::shared_ptr<live_source>>(&r.body)) {
        co_return co_await stream_live(**source, std::move(out), how.http_11);
    }
    const auto& text = std::get<std::string>(r.body);
    if (size <= joined_body) co_return co_await write(out += text, until);
    if (auto sent = co_await write(out, until); !sent) co_return sent;
    co_return co_await write(text, until);
}

net::awaitable<core::result<void>> connection::stream_body(body_source& source, std::string head, steady::time_point until) {
    std::string reason = "its source ended early";
    try {
        auto left = source.size();
        auto piece = co_await source.next();
        left -= std::min<std::uint64_t>(left, piece.size());
        piece.insert(0, head);
        while (!piece.empty()) {
            if (auto sent = co_await write(piece, until); !sent) co_return sent;
            piece = co_await source.next();
            left -= std::min<std::uint64_t>(left, piece.size());
        }
        if (left == 0) co_return core::result<void>{};
    } catch (const std::exception& e) {
        reason = e.what();
    }
    log_.error("answer broken off", {{"client", net::to_string(stream_.peer())}, {"reason", reason}});
    co_return core::fail(net::errc::closed);
}

/// Sends each piece as it comes, as a chunk of its own (RFC 9112 7.1). Between pieces nothing limits the wait.
net::awaitable<core::result<void>> connection::stream_live(live_source& source, std::string head, bool chunked) {
    struct registration {
        live_source*& place;
        registration(live_source*& p, live_source& s) : place(p) { place = &s; }
        registration(const registration&) = delete;
        registration& operator=(const registration&) = delete;
        ~registration() { place = nullptr; }
    } const registered(live_, source);
    if (stopping_) source.end();
    for (auto out = std::move(head);;) {
        if (auto sent = co_await write(out, steady::now() + limits_.http_request_timeout); !sent) {
            source.end();
            co_return sent;
        }
        const auto piece = co_await source.next();
        if (piece.empty()) break;
        out = chunked ? fmt::format("{:x}\r\n{}\r\n", piece.size(), piece) : piece;
    }
    if (!chunked) co_return core::result<void>{};
    co_return co_await write("0\r\n\r\n", steady::now() + limits_.http_request_timeout);
}

net::awaitable<core::result<void>> connection::write(std::string_view octets, steady::time_point until) {
    while (!octets.empty()) {
        const auto left = until - steady::now();
        if (left <= steady::duration::zero()) co_return core::fail(net::errc::timed_out);
        const auto piece = octets.substr(0, body_piece);
        if (auto sent = co_await stream_.write(piece, std::min<steady::duration>(left, limits_.http_request_timeout)); !sent) {
            co_return sent;
        }
        octets.remove_prefix(piece.size());
    }
    co_return core::result<void>{};
}

net::awaitable<connection::next> connection::refuse(problem p, bool head_only) {
    log_.debug("refused",
               {{"client", net::to_string(stream_.peer())}, {"status", static_cast<unsigned>(p.code)}, {"reason", p.detail}});
    dispatcher_.count(p.code, {});
    const auto sent = co_await send(to_response(std::move(p)), {.head_only = head_only});
    co_return sent ? next::finish : next::close;
}

}  // namespace postern::http
