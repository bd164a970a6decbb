#include "message/part.hpp"

#include "sample.hpp"

namespace part_test {

using namespace postern;
using namespace postern::message;
using kind = part::disposition_kind;

namespace {

part read(const std::string& header, bool in_digest = false) {
    const auto content = message::test::content_of(header + "\n\n");
    octet_window window(content);
    return read_part(read_header(window, 0, 100'000, {}).header, in_digest);
}

}  // namespace

TEST_CASE("a part's type is read in every form, and what is none is text") {
    const auto [header, type] = GENERATE(table<std::string, std::string>({
        {"Content-Type: text/html", "text/html"},
        {"Content-Type: TEXT/Html; charset=utf-8", "text/html"},
        {"Content-Type:\n\ttext/html;\n\tcharset=utf-8", "text/html"},
        {"Content-Type: text/html (a comment); x=y", "text/html"},
        {"X: y", "text/plain"},  // RFC 2045 5.2
        {"Content-Type:", "text/plain"},
        {"Content-Type: text", "text/plain"},
        {"Content-Type: garbage", "text/plain"},
        {"Content-Type: te xt/pl@in", "text/plain"},
        {"Content-Type: text/html\nContent-Type: image/png", "text/html"},  // the first counts
        {"Content-Type: multipart/mixed", "text/plain"},                    // has no boundary, so no parts
        {"Content-Type: multipart/mixed; boundary=\"\"", "text/plain"},
        {"Content-Type: multipart/mixed; boundary=x", "multipart/mixed"},
        {"Content-Type: application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"},
    }));
    INFO(header);
    const auto p = read(header);
    CHECK(p.type + '/' + p.subtype == type);
}

TEST_CASE("a boundary longer than any delimiter we look for makes a text") {
    CHECK(read("Content-Type: multipart/mixed; boundary=" + std::string(250, 'x')).is_multipart());
    CHECK_FALSE(read("Content-Type: multipart/mixed; boundary=" + std::string(251, 'x')).is_multipart());
}

TEST_CASE("in a digest the default is a message") {
    CHECK(read("X: y", true).is("message", "rfc822"));
    CHECK(read("Content-Type: text/plain", true).is("text", "plain"));
}

TEST_CASE("file names are decoded and stripped of folders") {
    const auto [header, name] = GENERATE(table<std::string, std::string>({
        {"Content-Disposition: attachment; filename=a.txt", "a.txt"},
        {"Content-Disposition: attachment; filename=\"a b.txt\"", "a b.txt"},
        {"Content-Disposition: attachment; filename*=utf-8''%e2%82%ac.txt", "€.txt"},  // RFC 2231
        {"Content-Disposition: attachment; filename*0=\"long \"; filename*1=name.txt", "long name.txt"},
        {"Content-Disposition: attachment; filename*0*=iso-8859-1'de'f%FCr; filename*1*=%20name.txt", "für name.txt"},
        {"Content-Disposition: attachment; filename=\"=?utf-8?B?w6QudHh0?=\"", "ä.txt"},  // RFC 2047, in spite of it
        {"Content-Disposition: attachment; filename=\"=?utf-8?Q?=C3=A4?= =?utf-8?Q?=2Etxt?=\"", "ä.txt"},
        {"Content-Disposition: attachment; filename=\"caf\xe9.txt\"", "café.txt"},  // undeclared
        {"Content-Disposition: attachment; filename=\"caf\xc3\xa9.txt\"", "café.txt"},
        {"Content-Type: image/png; name=\"x.png\"", "x.png"},
        {"Content-Type: image/png; name=x.png\nContent-Disposition: inline; filename=y.png", "y.png"},
        {"Content-Disposition: attachment; filename=\"../../etc/passwd\"", "passwd"},
        {"Content-Disposition: attachment; filename=\"C:\\\\temp\\\\a.exe\"", "a.exe"},
        {"Content-Disposition: attachment; filename=\"..\"", ""},
        {"Content-Disposition: attachment; filename=\"a\tb\x01.txt\"", "a b.txt"},
        {"Content-Disposition: attachment; filename=\"\"", ""},
        {"Content-Disposition: attachment; filename*=ISO-2022-CN-EXT''a.txt", "a.txt"},
        {"Content-Disposition: attachment", ""},
    }));
    INFO(header);
    CHECK(read(header).filename == name);
}

TEST_CASE("a file name too long keeps its extension") {
    const auto name = read("Content-Disposition: attachment; filename=" + std::string(1000, 'x') + ".pdf").filename;
    CHECK(name.size() == 255);
    CHECK(name.ends_with("xx.pdf"));
}

TEST_CASE("the rest of a part's header is read") {
    CHECK(read("Content-Disposition: inline").disposition == kind::in_line);
    CHECK(read("Content-Disposition: INLINE; filename=x").disposition == kind::in_line);
    CHECK(read("Content-Disposition: form-data").disposition == kind::attachment);  // RFC 2183 2.8
    CHECK(read("X: y").disposition == kind::none);
    CHECK(read("Content-ID: <a@b>").content_id == "a@b");
    CHECK(read("Content-ID: a@b").content_id == "a@b");
    const auto flowed = read("Content-Type: text/plain; charset=\"UTF-8\"; format=Flowed; delsp=Yes");
    CHECK(flowed.charset == "utf-8");
    CHECK(flowed.flowed);
    CHECK(flowed.delete_space);
    const auto [header, encoding] = GENERATE(table<std::string, transfer_encoding>({
        {"Content-Transfer-Encoding: base64", transfer_encoding::base64},
        {"Content-Transfer-Encoding: BASE64 (why not)", transfer_encoding::base64},
        {"Content-Transfer-Encoding:\n Quoted-Printable", transfer_encoding::quoted_printable},
        {"Content-Transfer-Encoding: x-uuencode", transfer_encoding::identity},
        {"Content-Transfer-Encoding: 8bit", transfer_encoding::identity},
        {"Content-Transfer-Encoding: nonsense", transfer_encoding::identity},
        {"Content-Transfer-Encoding:", transfer_encoding::identity},
        {"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64",
         transfer_encoding::identity},  // RFC 2045 6.4
    }));
    CHECK(read(header).body.encoding == encoding);
}

}  // namespace part_test
