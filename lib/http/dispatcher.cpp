#include "http/dispatcher.hpp"

#include <exception>
#include <system_error>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include "http/content_type.hpp"
#include "http/gatekeeper.hpp"
#include "http/target.hpp"
#include "http/wire/negotiation.hpp"

namespace postern::http {

namespace {

using boost::beast::http::field;

/// Whether the route takes a body of this kind. A page of another site can make a browser send any octets, but none that call
/// themselves JSON without asking us first, and we never say yes to that: so the name is insisted on.
outcome<void> check_content_type(const request& r, body_kind taken) {
    if (taken == body_kind::none) return {};
    if (!r.field(field::content_encoding).empty()) {
        return refuse(status::unsupported_media_type, "A request body with a Content-Encoding is not understood.");
    }
    const auto type = media_type(r.field(field::content_type));
    if (taken == body_kind::xml) {
        if (type == "text/xml" || type == "application/xml") return {};
        return refuse(status::unsupported_media_type, "The request body must be XML, and say so: text/xml.");
    }
    if (!r.has_body || type == "application/json") return {};
    if (taken == body_kind::json_or_form && type == "multipart/form-data") return {};
    return refuse(status::unsupported_media_type, taken == body_kind::json
                                                      ? "The request body must be JSON, and say so: application/json."
                                                      : "The request body must be application/json or multipart/form-data.");
}

constexpr std::size_t quickly_read = 32UL * 1024;  // octets of JSON: about a tenth of a millisecond

}  // namespace

dispatcher::dispatcher(const services& server, std::vector<route> routes, const config::limit_settings& limits,
                       core::logger log)
    : server_(server), limits_(limits), router_(std::move(routes)), log_(std::move(log)) {
    for (std::size_t digit = 0; digit < answers_.size(); ++digit) {
        answers_.at(digit) = server_.metrics.count("postern_http_requests_total", "HTTP requests answered, by kind of status",
                                                   {{"code", std::to_string(digit + 1) + "xx"}});
    }
    times_ = server_.metrics.distribution("postern_http_request_seconds", "From a request's head to its answer",
                                          core::waiting_times());
}

void dispatcher::count(status code, std::chrono::steady_clock::duration took) const {
    const auto digit = static_cast<std::size_t>(code) / 100;
    if (digit >= 1 && digit <= answers_.size()) answers_.at(digit - 1).add();
    times_.observe(std::chrono::duration<double>(took).count());
}

origin dispatcher::find_origin(const request& r, const origin& direct) const {
    return origin_of(r.fields, direct, server_.forwarded_from);
}

std::uint64_t dispatcher::body_limit(const route& of) const {
    return of.body == body_kind::json_or_form ? limits_.http_upload_size : limits_.http_body_size;
}

net::awaitable<outcome<request_context>> dispatcher::admit(const request& r, origin from) const {
    if (r.method == verb::unknown || r.method == verb::connect) {  // CONNECT's target is no path (RFC 9112 3.2.3)
        co_return std::unexpected(router_.find(r.method, {}).error());
    }
    auto target = parse_target(r.target);
    if (!target) co_return std::unexpected(target.error());
    auto match = router_.find(r.method, target->path);
    if (!match) co_return std::unexpected(match.error());
    request_context c{server_, log_, r, from, std::move(*match), std::move(target->query)};
    if (c.match.found->needs != access::anyone) {
        auto who = co_await identify(server_, r, std::move(from.address));
        if (!who) co_return std::unexpected(std::move(who.error()));
        c.who = std::move(*who);
        if (auto may = authorize(*c.who, c.match.found->needs); !may) co_return std::unexpected(std::move(may.error()));
    }
    if (const auto checked = c.query.check(c.match.found->query); !checked) co_return std::unexpected(checked.error());
    if (const auto fits = check_content_type(r, c.match.found->body); !fits) co_return std::unexpected(fits.error());
    co_return c;
}

/// The body as JSON, where the route takes JSON and the request is not a form.
net::awaitable<outcome<void>> dispatcher::read_document(request_context& c) const {
    if (c.match.found->body == body_kind::none || c.match.found->body == body_kind::xml) co_return outcome<void>();
    const auto& body = c.request.body;
    if (body.empty()) co_return refuse(status::bad_request, "The request needs a body: a JSON object.");
    if (media_type(c.request.field(field::content_type)) != "application/json") co_return outcome<void>();
    auto parsed = body.size() <= quickly_read
                      ? parse_json(body, limits_.http_json_depth)
                      : co_await server_.workers.run([text = std::string_view(body), depth = limits_.http_json_depth] {
                            return parse_json(text, depth);
                        });
    if (!parsed) co_return std::unexpected(std::move(parsed.error()));
    if (!parsed->is_object()) co_return refuse(status::bad_request, "The request body must be a JSON object.");
    c.document.emplace(std::move(*parsed));
    co_return outcome<void>();
}

net::awaitable<response> dispatcher::answer(request_context& c) const {
    core::error failed;
    try {
        if (auto read = co_await read_document(c); !read) co_return to_response(std::move(read.error()));
        auto answered = co_await c.match.found->handle(c);
        if (answered) {
            auto negotiated = apply_conditions(c.request, std::move(*answered));
            co_return co_await apply_coding(c.request, std::move(negotiated), server_.workers);
        }
        co_return to_response(std::move(answered.error()));
    } catch (const boost::system::system_error& e) {
        if (e.code() == boost::asio::error::operation_aborted) throw;  // the task is being ended
        failed.detail = e.what();
    } catch (const std::system_error& e) {
        failed = {e.code(), e.what()};  // a message's content that can no longer be read says so in storage's words
    } catch (const std::exception& e) {
        failed.detail = e.what();
    }
    co_return to_response(c.refuse(failed).error());
}

}  // namespace postern::http
