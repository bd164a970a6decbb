#include "config/file.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <fmt/format.h>

#include "test/catch.hpp"

namespace file_test {

using namespace postern::config;

namespace {

/// The entries as "line section.key=value" and the problems, one a line.
std::string read(std::string_view text) {
    const auto contents = parse_file("f", text);
    std::string all;
    for (const auto& e : contents.entries) all += fmt::format("{} {}.{}={}\n", e.line, e.section, e.key, e.value);
    for (const auto& p : contents.problems) all += p.text + '\n';
    return all;
}

}  // namespace

TEST_CASE("a file is sections, keys and comments") {
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"", ""},
        {"\n\n  \t\n", ""},
        {"# only a comment", ""},
        {"[smtp]\nlisten = 127.0.0.1:25\n", "2 smtp.listen=127.0.0.1:25\n"},
        {"[smtp]\r\nlisten=127.0.0.1:25\r\n", "2 smtp.listen=127.0.0.1:25\n"},  // from another system
        {"\xEF\xBB\xBF[a]\nb=c", "2 a.b=c\n"},                                  // so does the byte order mark
        {"  [ a ]  # why\n\tb\t=\tc  d\t# why", "2 a.b=c  d\n"},
        {"[a]\nb=x#y", "2 a.b=x#y\n"},  // no space before it: a part of the word
        {"[a]\nb=#y", "2 a.b=#y\n"},
        {"[a]\nb= #y", "2 a.b=\n"},
        {"[a]\nb=x=y", "2 a.b=x=y\n"},
        {"[a]\nb=1\n[c]\nb=2\n[a]\nd=3", "2 a.b=1\n4 c.b=2\n6 a.d=3\n"},
        {"[a]\nb=gr\xc3\xbc\xc3\x9f", "2 a.b=gr\xc3\xbc\xc3\x9f\n"},
    }));
    CHECK(read(text) == expected);
}

TEST_CASE("every faulty line of a file is told, and none is shown") {
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"b=c", "f:1: \"b\" must stand under a [section]\n"},
        {"[a\nb=c", "f:1: must end with \"]\"\n"},  // what follows belongs to an unknown section: one complaint
        {"[]", "f:1: must be a section, such as [smtp]\n"},
        {"[A b]", "f:1: must be a section, such as [smtp]\n"},
        {"[a]\nhunter2", "f:2: must be a section, key = value, or a # comment\n"},
        {"[a]\npostgresql://a:hunter2@b/c", "f:2: must be a section, key = value, or a # comment\n"},
        {"[a]\n= c", "f:2: must be a section, key = value, or a # comment\n"},
        {"[a]\nB = c", "f:2: must be a section, key = value, or a # comment\n"},
        {"[a]\n; c", "f:2: must be a section, key = value, or a # comment\n"},
        {"[a]\nb=1\nb=2\nb=3", "2 a.b=1\nf:3: a.b was given in line 2 already\nf:4: a.b was given in line 2 already\n"},
        {"[a]\nb=\xff", "f:2: holds octets that are not text (UTF-8)\n"},
        {std::string("[a]\nb=x\0y", 9), "f:2: holds octets that are not text (UTF-8)\n"},
        {"[a]\nb=x\x1b[31m", "f:2: holds octets that are not text (UTF-8)\n"},
        {"[a]\nb=x\ry", "f:2: holds octets that are not text (UTF-8)\n"},
        {"x\ny\n[a]\nb=c",
         "4 a.b=c\nf:1: must be a section, key = value, or a # comment\nf:2: must be a section, key = value, or a # comment\n"},
    }));
    CHECK(read(text) == expected);
}

TEST_CASE("a file larger than 1 MiB is refused whole") {
    CHECK(read(std::string(1 << 20, '\n')).empty());
    CHECK(read(std::string((1 << 20) + 1, '\n')) == "f: is larger than 1 MiB; is it a configuration file?\n");
}

TEST_CASE("a file that cannot be read says why") {
    const auto folder = std::filesystem::temp_directory_path() / fmt::format("postern_config_{}", getpid());
    std::filesystem::create_directory(folder);
    const auto path = (folder / "postern.conf").string();
    CHECK(read_file(path).error().text == path + ": No such file or directory");
    CHECK(read_file(folder.string()).error().text == folder.string() + ": Is a directory");
    std::ofstream(path) << "[a]\nb=c\n";
    CHECK(read_file(path).value() == "[a]\nb=c\n");
    std::ofstream(path) << std::string(2 << 20, '\n');
    CHECK(read_file(path).value().size() == (1 << 20) + 1);
    std::filesystem::remove_all(folder);
}

TEST_CASE("a secret is a file's content without the line end that editors put there") {
    const auto folder = std::filesystem::temp_directory_path() / fmt::format("postern_secret_{}", getpid());
    std::filesystem::create_directory(folder);
    const auto path = (folder / "secret").string();
    const auto of = [&](std::string_view content) {
        std::ofstream(path, std::ios::binary) << content;
        const auto secret = read_secret(path);
        return secret ? "<" + *secret + ">" : secret.error();
    };
    CHECK(of("hunter2") == "<hunter2>");
    CHECK(of("hunter2\n") == "<hunter2>");
    CHECK(of("hunter2\r\n") == "<hunter2>");
    CHECK(of("hunter2\n\n") == "<hunter2\n>");  // one only: the rest may be meant
    CHECK(of(" hunter2 \n") == "< hunter2 >");
    CHECK(of("") == path + ": is empty");
    CHECK(of("\n") == path + ": is empty");
    CHECK(of(std::string(max_secret, 'x')) == "<" + std::string(max_secret, 'x') + ">");
    CHECK(of(std::string(max_secret + 1, 'x')) == path + ": is larger than 16 KiB; is it a secret?");
    CHECK(read_secret(folder.string()).error() == folder.string() + ": Is a directory");
    CHECK(read_secret(path + ".none").error() == path + ".none: No such file or directory");
    std::filesystem::remove_all(folder);
}

}  // namespace file_test
