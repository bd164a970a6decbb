#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "relaying.hpp"
#include "test/catch.hpp"

namespace smtp_sink_test {

using namespace postern;
using namespace postern::test;
using strings = std::vector<std::string>;

namespace {

/// Postfix's smtp-sink, started with options, writing what it takes into a folder; ended with this object.
class sink {
public:
    explicit sink(const strings& options) : folder_(make_folder()) {
        const char* program = std::getenv("SMTP_SINK");
        if (!program) throw std::runtime_error("SMTP_SINK names no program: see test/run");
        port_ = free_port();
        strings words{program, "-u", "nobody", "-D", (folder_ / "message.").string()};
        words.insert(words.end(), options.begin(), options.end());
        words.push_back("127.0.0.1:" + std::to_string(port_));
        words.emplace_back("10");
        std::vector<char*> arguments;
        for (auto& w : words) arguments.push_back(w.data());
        arguments.push_back(nullptr);
        if (::posix_spawn(&pid_, program, nullptr, nullptr, arguments.data(), environ) != 0) throw std::runtime_error(program);
    }
    ~sink() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        std::filesystem::remove_all(folder_);
    }
    sink(const sink&) = delete;
    sink& operator=(const sink&) = delete;

    [[nodiscard]] net::tcp_endpoint endpoint() const { return {boost::asio::ip::address_v4::loopback(), port_}; }

    /// Everything taken: smtp-sink's own lines and the messages.
    [[nodiscard]] std::string taken() const {
        std::string all;
        for (const auto& file : std::filesystem::directory_iterator(folder_)) {
            std::ostringstream text;
            text << std::ifstream(file.path(), std::ios::binary).rdbuf();
            all += text.str();
        }
        return all;
    }

private:
    static std::filesystem::path make_folder() {
        auto name = (std::filesystem::temp_directory_path() / "postern-sink-XXXXXX").string();
        if (!::mkdtemp(name.data())) throw std::runtime_error(name);
        std::filesystem::permissions(name, std::filesystem::perms::all);  // smtp-sink leaves root behind
        return name;
    }

    static std::uint16_t free_port() {
        boost::asio::io_context loop;
        const boost::asio::ip::tcp::acceptor taken(loop, {boost::asio::ip::address_v4::loopback(), 0});
        return taken.local_endpoint().port();
    }

    std::filesystem::path folder_;
    std::uint16_t port_ = 0;
    pid_t pid_ = 0;
};

struct relaying_to_postfix : relaying {
    /// Waits until the program listens: it says so by taking a connection.
    strings relay_to(const sink& remote) {
        to.endpoint = remote.endpoint();
        const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (true) {
            const auto outcomes = relay();
            const bool not_yet = outcomes.front() == "not opened: temporary 4.4.1";
            if (!not_yet || std::chrono::steady_clock::now() > patience) return outcomes;
        }
    }
};

}  // namespace

TEST_CASE_METHOD(relaying_to_postfix, "Postfix's smtp-sink takes our mail, whatever it offers and refuses") {
    struct row {
        strings options;
        strings outcomes;
        bool arrives;
        std::string why;
    };
    const strings delivered{"delivered 2.0.0", "delivered 2.0.0", "delivered 2.0.0"};
    const strings put_off{"temporary 4.3.0", "temporary 4.3.0", "temporary 4.3.0"};
    const strings refused{"permanent 5.3.0", "permanent 5.3.0", "permanent 5.3.0"};
    const strings lost{"temporary 4.4.2", "temporary 4.4.2", "temporary 4.4.2"};
    const std::vector<row> rows{
        {{}, delivered, true, "everything it has"},
        {{"-p"}, delivered, true, "no PIPELINING"},
        {{"-e"}, delivered, true, "no EHLO"},
        {{"-8"}, delivered, true, "no 8BITMIME"},
        {{"-w", "1"}, delivered, true, "slow to take the message"},
        {{"-r", "MAIL"}, put_off, false, "450 to MAIL"},
        {{"-f", "MAIL"}, refused, false, "500 to MAIL"},
        {{"-r", "RCPT"}, put_off, false, "450 to RCPT, DATA under way"},
        {{"-p", "-f", "RCPT"}, refused, false, "500 to RCPT"},
        {{"-f", "DATA"}, refused, false, "500 to DATA"},
        {{"-r", "."}, put_off, true, "450 to the message"},
        {{"-f", "."}, refused, true, "500 to the message"},
        {{"-q", "MAIL"}, lost, false, "gone at MAIL"},
        {{"-q", "RCPT"}, lost, false, "gone at RCPT"},
        {{"-q", "DATA"}, lost, false, "gone at DATA"},
        {{"-q", "."}, lost, true, "gone after the message"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const sink remote(row.options);
        CHECK(relay_to(remote) == row.outcomes);
        const auto taken = remote.taken();
        INFO(taken);
        // It writes lines with LF and takes the dots out.
        CHECK((taken.find("Subject: test\n\n.dot\n..two\n.\nlast\n") != std::string::npos) == row.arrives);
    }
}

}  // namespace smtp_sink_test
