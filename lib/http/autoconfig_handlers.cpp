#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "http/handlers.hpp"

namespace postern::http {

namespace {

constexpr std::size_t longest_address = 320;  // octets: RFC 5321 4.5.3.1

/// Text that is neither markup nor control characters, whoever wrote it.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&apos;"; break;
            default: out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
        }
    }
    return out;
}

std::string from_xml(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, char>, 5> entities{
        {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}}};
    std::string out;
    while (!text.empty()) {
        const auto* found = std::ranges::find_if(entities, [&](const auto& e) { return text.starts_with(e.first); });
        out += found == entities.end() ? text.front() : found->second;
        text.remove_prefix(found == entities.end() ? 1 : found->first.size());
    }
    return out;
}

bool may_be_address(std::string_view text) {
    const auto at = text.rfind('@');
    return text.size() <= longest_address && at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
           std::ranges::none_of(text, [](unsigned char c) { return c <= ' ' || c == 0x7f; });
}

/// Thunderbird's format (the Mozilla wiki's Autoconfiguration, ConfigFileFormat): %EMAILADDRESS% is the address it was given.
/// `element` is incomingServer or outgoingServer.
std::string server_element(std::string_view element, std::string_view type, const client_settings& to, std::uint16_t port,
                           std::string_view socket) {
    if (port == 0) return "";
    return fmt::format(
        "    <{0} type=\"{1}\">\n      <hostname>{2}</hostname>\n      <port>{3}</port>\n"
        "      <socketType>{4}</socketType>\n      <authentication>password-cleartext</authentication>\n"
        "      <username>%EMAILADDRESS%</username>\n    </{0}>\n",
        element, type, escaped(to.hostname), port, socket);
}

std::string autoconfig_of(const client_settings& to, std::string_view domain) {
    // RFC 8314 3.3: TLS from the start is preferred, so it stands first.
    const auto servers = server_element("incomingServer", "imap", to, to.imaps_port, "SSL") +
                         server_element("incomingServer", "imap", to, to.imap_port, "STARTTLS") +
                         server_element("outgoingServer", "smtp", to, to.submissions_port, "SSL") +
                         server_element("outgoingServer", "smtp", to, to.submission_port, "STARTTLS");
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<clientConfig version=\"1.1\">\n  <emailProvider id=\"{0}\">\n"
        "    <domain>{0}</domain>\n    <displayName>{0}</displayName>\n    <displayShortName>{0}</displayShortName>\n"
        "{1}  </emailProvider>\n</clientConfig>\n",
        escaped(domain), servers);
}

/// `more`: elements that the type alone has.
std::string protocol(std::string_view type, const client_settings& to, std::uint16_t port, std::string_view encryption,
                     std::string_view address, std::string_view more = "") {
    if (port == 0) return "";
    return fmt::format(
        "      <Protocol>\n        <Type>{}</Type>\n        <Server>{}</Server>\n        <Port>{}</Port>\n"
        "        <DomainRequired>off</DomainRequired>\n        <LoginName>{}</LoginName>\n        <SPA>off</SPA>\n"
        "        <Encryption>{}</Encryption>\n        <AuthRequired>on</AuthRequired>\n{}      </Protocol>\n",
        type, escaped(to.hostname), port, escaped(address), encryption, more);
}

/// Outlook's format ([MS-OXDSCLI], the "plain old XML" of Autodiscover).
std::string autodiscover_of(const client_settings& to, std::string_view address) {
    constexpr std::string_view of_smtp = "        <UsePOPAuth>off</UsePOPAuth>\n        <SMTPLast>off</SMTPLast>\n";
    const auto servers = protocol("IMAP", to, to.imaps_port, "SSL", address) +
                         protocol("IMAP", to, to.imap_port, "TLS", address) +
                         protocol("SMTP", to, to.submissions_port, "SSL", address, of_smtp) +
                         protocol("SMTP", to, to.submission_port, "TLS", address, of_smtp);
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
        "<Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006\">\n"
        "  <Response xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a\">\n"
        "    <User>\n      <DisplayName>{}</DisplayName>\n    </User>\n"
        "    <Account>\n      <AccountType>email</AccountType>\n      <Action>settings</Action>\n{}    </Account>\n"
        "  </Response>\n</Autodiscover>\n",
        escaped(address), servers);
}

/// The one element we need of the request. No parser of XML: there is nothing in it for entities or references to act on.
std::string address_in(std::string_view request) {
    constexpr std::string_view open = "<EMailAddress>";
    const auto start = request.find(open);
    if (start == std::string_view::npos) return "";
    const auto rest = request.substr(start + open.size());
    const auto end = rest.find("</EMailAddress>");
    return end > 6 * longest_address ? "" : from_xml(rest.substr(0, end));  // npos, and what escaping could not explain
}

response xml(std::string text) { return {status::ok, "text/xml; charset=utf-8", {}, std::move(text)}; }

}  // namespace

/// Says the same to everybody: neither whether there is such an account nor such a domain.
net::awaitable<outcome<response>> show_autoconfig(request_context& c) {
    const auto address = c.query.find("emailaddress");
    if (address && !may_be_address(*address)) co_return refuse_parameter("emailaddress", "It must be an address.");
    const auto domain = address ? address->substr(address->rfind('@') + 1) : std::string_view(c.server.clients.hostname);
    co_return xml(autoconfig_of(c.server.clients, domain));
}

net::awaitable<outcome<response>> answer_autodiscover(request_context& c) {
    const auto address = address_in(c.request.body);
    if (!may_be_address(address)) co_return refuse(status::bad_request, "The request must hold an EMailAddress.");
    co_return xml(autodiscover_of(c.server.clients, address));
}

}  // namespace postern::http
