// The page: its document, what it is made of, and the frame it shows mail in.
#include "http/handlers.hpp"
#include "http/page/static_files.hpp"

namespace postern::http {

namespace {

/// No script but our own files, no style but our own, no request but to us: what a mail smuggles into the page does nothing
/// there.
constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "frame-src 'self' blob:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Where the HTML of a mail is put: nothing runs, nothing is sent, nothing is fetched but the mail's own pictures.
constexpr std::string_view frame_policy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox";
constexpr std::string_view frame_policy_with_images =
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data: https: http:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox";

outcome<response> nothing_here() { return refuse(status::not_found, "There is nothing at this path."); }

void protect(response& r, std::string_view policy) {
    r.fields.emplace_back("Content-Security-Policy", std::string(policy));
    r.fields.emplace_back("Referrer-Policy", "no-referrer");
    // A browser that looks up the names in a mail's links before anybody clicks tells their name server that it was read.
    r.fields.emplace_back("X-DNS-Prefetch-Control", "off");
    r.fields.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
    r.fields.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
}

bool looks_like_version(std::string_view segment) {
    return segment.size() == 16 && segment.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

net::awaitable<outcome<response>> show_page(request_context& c) {
    auto r = c.server.page.find("index.html", c.request);
    if (!r) co_return nothing_here();
    protect(*r, page_policy);
    co_return std::move(*r);
}

/// "/assets/css/base.css", and the same under a version. Another version than ours is that of a page opened before the program
/// was changed: it gets what we have, and may not keep it.
net::awaitable<outcome<response>> show_asset(request_context& c) {
    auto path = c.parameter("path");
    const auto first = path.substr(0, path.find('/'));
    const bool versioned = looks_like_version(first) && first.size() < path.size();
    if (versioned) path.remove_prefix(first.size() + 1);
    if (path == "index.html") co_return nothing_here();  // at "/" only, where its policy is
    auto r = c.server.page.find(path, c.request, versioned && first == c.server.page.version());
    if (!r) co_return nothing_here();
    protect(*r, "default-src 'none'; style-src 'unsafe-inline'; sandbox");
    co_return std::move(*r);
}

net::awaitable<outcome<response>> show_frame(request_context& c) {
    const auto images = c.query.find("images");
    if (images && *images != "1") co_return refuse_parameter("images", "The query parameter \"images\" is 1 or absent.");
    response r{status::ok, "text/html; charset=utf-8", {}, "<!doctype html><html><head></head><body></body></html>"};
    protect(r, images ? frame_policy_with_images : frame_policy);
    co_return r;
}

/// The description of this API, in OpenAPI 3.1.
net::awaitable<outcome<response>> show_openapi(request_context& c) {
    static const static_files documents(embedded_documents());
    auto r = documents.find("openapi.json", c.request);
    if (!r) co_return nothing_here();
    co_return std::move(*r);
}

}  // namespace postern::http
