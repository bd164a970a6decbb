#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Builds DNS messages octet by octet (RFC 1035 section 4), well-formed or not.
namespace postern::test {

class dns_message {
public:
    static constexpr std::uint16_t response = 0x8180;  ///< QR, RD, RA, NOERROR
    static constexpr std::uint16_t truncated = 0x0200;
    static constexpr std::uint16_t authenticated = 0x0020;

    explicit dns_message(std::uint16_t flags = response, std::uint16_t id = 0) {
        u16(id).u16(flags).u16(0).u16(0).u16(0).u16(0);
    }

    dns_message& question(std::string_view name, std::uint16_t type) {
        count(4);
        return this->name(name).u16(type).u16(1);
    }
    dns_message& answer(std::string_view name, std::uint16_t type, std::uint32_t ttl, std::string_view data) {
        count(6);
        return record(name, type, ttl, data);
    }
    dns_message& authority(std::string_view name, std::uint16_t type, std::uint32_t ttl, std::string_view data) {
        count(8);
        return record(name, type, ttl, data);
    }
    dns_message& count_answer() {
        count(6);
        return *this;
    }

    dns_message& u16(std::uint16_t v) {
        octets_ += static_cast<char>(v >> 8);
        octets_ += static_cast<char>(v & 0xff);
        return *this;
    }
    dns_message& u32(std::uint32_t v) {
        return u16(static_cast<std::uint16_t>(v >> 16)).u16(static_cast<std::uint16_t>(v & 0xffff));
    }
    dns_message& raw(std::string_view octets) {
        octets_ += octets;
        return *this;
    }
    dns_message& name(std::string_view dotted) {
        octets_ += wire_name(dotted);
        return *this;
    }

    [[nodiscard]] const std::string& octets() const { return octets_; }

    static std::string wire_name(std::string_view dotted) {
        std::string out;
        while (!dotted.empty()) {
            const auto dot = dotted.find('.');
            const auto label = dotted.substr(0, dot);
            out += static_cast<char>(label.size());
            out += label;
            dotted = dot == std::string_view::npos ? std::string_view{} : dotted.substr(dot + 1);
        }
        return out + '\0';
    }
    static std::string mx(std::uint16_t preference, std::string_view exchange) {
        std::string out;
        out += static_cast<char>(preference >> 8);
        out += static_cast<char>(preference & 0xff);
        return out + wire_name(exchange);
    }
    /// An SOA whose MINIMUM is `minimum`.
    static std::string soa(std::uint32_t minimum) {
        const std::string numbers(16, '\0');
        std::string last;
        for (int shift = 24; shift >= 0; shift -= 8) last += static_cast<char>(minimum >> shift & 0xff);
        return wire_name("ns.test") + wire_name("hostmaster.test") + numbers + last;
    }

private:
    dns_message& record(std::string_view owner, std::uint16_t type, std::uint32_t ttl, std::string_view data) {
        return name(owner).u16(type).u16(1).u32(ttl).u16(static_cast<std::uint16_t>(data.size())).raw(data);
    }
    void count(std::size_t at) { octets_[at + 1] = static_cast<char>(octets_[at + 1] + 1); }

    std::string octets_;
};

}  // namespace postern::test
