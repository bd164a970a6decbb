

#include "imap/protocol/responses.hpp"

#include "core/format.hpp"

namespace postern::imap {

namespace {

using message::envelope_address;
using message::mime_node;

/// Writes one value after another into a list, each a space behind the one before (RFC 9051 7.5.2).
class structure_writer {
public:
    structure_writer(std::string& out, bool extensible, bool utf8) : out_(out), extensible_(extensible), utf8_(utf8) {}

    void envelope(const message::envelope& e) {
        out_ += '(';
        nstring(e.date);
        space().nstring(e.subject);
        space().addresses(e.from);
        space().addresses(e.sender);
        space().addresses(e.reply_to);
        space().addresses(e.to);
        space().addresses(e.cc);
        space().addresses(e.bcc);
        space().nstring(e.in_reply_to);
        space().nstring(e.message_id);
        out_ += ')';
    }

    void body(const mime_node& node) {
        out_ += '(';
        if (node.is_multipart())
            multipart(node);
        else
            single(node);
        out_ += ')';
    }

private:
    structure_writer& space() {
        out_ += ' ';
        return *this;
    }
    void string(const std::string& text) { write_string(out_, text, utf8_); }
    void nstring(const std::optional<std::string>& text) { write_nstring(out_, text, utf8_); }
    void number(std::uint64_t value) { core::append(out_, "{}", value); }

    void addresses(const std::vector<envelope_address>& list) {
        if (list.empty()) return void(out_ += "NIL");
        out_ += '(';
        for (const auto& address : list) {
            out_ += '(';
            nstring(address.name);
            out_ += " NIL";  // the route, obsolete
            space().nstring(address.mailbox);
            space().nstring(address.host);
            out_ += ')';
        }
        out_ += ')';
    }

    void multipart(const mime_node& node) {
        // body-type-mpart: bodies stand without spaces between them, and there is one at least.
        for (const auto& child : node.children) body(child);
        if (node.children.empty()) body({});
        space().string(node.subtype);
        if (!extensible_) return;
        space().parameters(node.parameters);
        location(node);
    }

    void single(const mime_node& node) {
        string(node.type);
        space().string(node.subtype);
        space().parameters(node.parameters);
        space().nstring(node.id);
        space().nstring(node.description);
        space().string(node.encoding);
        space().number(node.body_end - node.body_begin);
        if (node.is_message()) {
            space().envelope(*node.envelope);
            // What lies too deep was not looked into, but a body must stand here.
            space().body(node.children.empty() ? mime_node{} : node.children.front());
        }
        if (node.is_message() || node.type == "text") space().number(node.lines);
        if (!extensible_) return;
        space().nstring(node.md5);
        location(node);
    }

    /// What the extension data of both end with.
    void location(const mime_node& node) {
        space();
        if (node.disposition) {
            out_ += '(';
            string(*node.disposition);
            space().parameters(node.disposition_parameters);
            out_ += ')';
        } else {
            out_ += "NIL";
        }
        space().languages(node.languages);
        space().nstring(node.location);
    }

    void parameters(const message::mime_parameters& list) {
        if (list.empty()) return void(out_ += "NIL");
        char before = '(';
        for (const auto& [name, value] : list) {
            out_ += before;
            string(name);
            space().string(value);
            before = ' ';
        }
        out_ += ')';
    }

    void languages(const std::vector<std::string>& list) {
        if (list.empty()) return void(out_ += "NIL");
        char before = '(';
        for (const auto& language : list) {
            out_ += before;
            string(language);
            before = ' ';
        }
        out_ += ')';
    }

    std::string& out_;
    bool extensible_;
    bool utf8_;
};

}  // namespace

void write_envelope(std::string& out, const message::envelope& e, bool utf8) { structure_writer(out, false, utf8).envelope(e); }

void write_body_structure(std::string& out, const message::mime_node& root, bool extensible, bool utf8) {
    structure_writer(out, extensible, utf8).body(root);
}

}  // namespace postern::imap
