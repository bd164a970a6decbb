#include "dns/wire.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include <ares.h>

namespace postern::dns {

namespace {

constexpr std::size_t header_size = 12;  // RFC 1035 4.1.1
constexpr std::size_t max_records = 500;
constexpr std::size_t max_aliases = 16;
constexpr std::uint16_t class_in = 1;
constexpr unsigned rcode_no_error = 0;
constexpr unsigned rcode_name_error = 3;
/// RFC 2308 5: a negative answer is not kept longer than this; RFC 8767 names the same three hours as a sensible bound.
constexpr std::chrono::seconds max_negative_ttl{3 * 3600};
/// RFC 2181 8: TTLs are 31 bits; a week is enough for anybody.
constexpr std::chrono::seconds max_ttl{7 * 86400};

using octets = std::span<const unsigned char>;

/// Walks over a message; every read says whether it stayed inside.
class reader {
public:
    explicit reader(octets message) : message_(message) {}

    [[nodiscard]] std::size_t position() const { return position_; }
    void seek(std::size_t position) { position_ = position; }

    std::optional<std::uint16_t> u16() {
        if (message_.size() - position_ < 2) return std::nullopt;
        const auto value = static_cast<std::uint16_t>(message_[position_] << 8 | message_[position_ + 1]);
        position_ += 2;
        return value;
    }

    std::optional<std::uint32_t> u32() {
        const auto high = u16();
        const auto low = high ? u16() : std::nullopt;
        if (!low) return std::nullopt;
        return static_cast<std::uint32_t>(*high) << 16 | *low;
    }

    std::optional<octets> take(std::size_t n) {
        if (message_.size() - position_ < n) return std::nullopt;
        const auto taken = message_.subspan(position_, n);
        position_ += n;
        return taken;
    }

    /// A domain name, compressed or not. c-ares bounds the pointers it follows.
    std::optional<std::string> name() {
        if (position_ >= message_.size()) return std::nullopt;
        char* raw = nullptr;
        long consumed = 0;
        if (ares_expand_name(message_.data() + position_, message_.data(), static_cast<int>(message_.size()), &raw,
                             &consumed) != ARES_SUCCESS) {
            return std::nullopt;
        }
        const std::unique_ptr<char, decltype(&ares_free_string)> held(raw, &ares_free_string);
        position_ += static_cast<std::size_t>(consumed);
        return std::string(raw);
    }

private:
    octets message_;
    std::size_t position_ = 0;
};

struct resource_record {
    std::string owner;
    std::uint16_t type = 0;
    std::uint16_t class_ = 0;
    std::chrono::seconds ttl{0};
    std::size_t data_position = 0;
    octets data;
};

std::optional<resource_record> read_record(reader& in) {
    resource_record r;
    auto owner = in.name();
    const auto type = owner ? in.u16() : std::nullopt;
    const auto class_ = type ? in.u16() : std::nullopt;
    const auto ttl = class_ ? in.u32() : std::nullopt;
    const auto length = ttl ? in.u16() : std::nullopt;
    if (!length) return std::nullopt;
    r.owner = std::move(*owner);
    r.type = *type;
    r.class_ = *class_;
    r.ttl = *ttl > 0x7fffffffU ? std::chrono::seconds{0} : std::chrono::seconds{*ttl};  // RFC 2181 8: the top bit set means 0
    r.data_position = in.position();
    const auto data = in.take(*length);
    if (!data) return std::nullopt;
    r.data = *data;
    return r;
}

template <class T>
std::optional<record> name_record(reader in) {
    auto name = in.name();
    if (!name) return std::nullopt;
    return T{std::move(*name)};
}

std::optional<record> text_record(octets data) {
    txt_record txt;
    while (!data.empty()) {
        const std::size_t length = data.front();
        if (data.size() < length + 1) return std::nullopt;
        txt.text.append(reinterpret_cast<const char*>(data.data()) + 1, length);
        data = data.subspan(length + 1);
    }
    return txt;
}

template <class T>
std::optional<record> address_record(octets data) {
    T r;
    if (data.size() != r.address.size()) return std::nullopt;
    std::ranges::copy(data, r.address.begin());
    return r;
}

std::optional<record> read_data(octets message, const resource_record& r) {
    reader in(message);
    in.seek(r.data_position);
    switch (static_cast<record_type>(r.type)) {
        case record_type::a: return address_record<a_record>(r.data);
        case record_type::aaaa: return address_record<aaaa_record>(r.data);
        case record_type::ptr: return name_record<ptr_record>(in);
        case record_type::cname: return name_record<cname_record>(in);
        case record_type::txt: return text_record(r.data);
        case record_type::mx: {
            const auto preference = in.u16();
            auto exchange = preference ? in.name() : std::nullopt;
            if (!exchange) return std::nullopt;
            return mx_record{*preference, std::move(*exchange)};
        }
        case record_type::tlsa:
            if (r.data.size() < 4) return std::nullopt;
            return tlsa_record{r.data[0], r.data[1], r.data[2],
                               std::string(reinterpret_cast<const char*>(r.data.data()) + 3, r.data.size() - 3)};
        case record_type::soa: break;
    }
    return std::nullopt;
}

/// RFC 2308 5: the lesser of the SOA's own TTL and its MINIMUM, the last 32 bits of its data.
std::chrono::seconds negative_ttl(octets message, const std::vector<resource_record>& authority) {
    for (const auto& r : authority) {
        if (r.type != static_cast<std::uint16_t>(record_type::soa) || r.data.size() < 20) continue;
        reader in(message);
        in.seek(r.data_position + r.data.size() - 4);
        const auto minimum = in.u32();
        return std::min({r.ttl, std::chrono::seconds{minimum.value_or(0)}, max_negative_ttl});
    }
    return std::chrono::seconds{0};  // RFC 2308 5: without a SOA a negative answer is not kept
}

std::optional<std::vector<resource_record>> read_section(reader& in, std::size_t count, std::size_t& budget) {
    std::vector<resource_record> section;
    for (std::size_t i = 0; i < count; ++i) {
        if (budget == 0) return std::nullopt;
        --budget;
        auto r = read_record(in);
        if (!r) return std::nullopt;
        if (r->class_ == class_in) section.push_back(std::move(*r));
    }
    return section;
}

answer failed(std::string why) {
    answer a;
    a.failure = std::move(why);
    return a;
}

/// Follows CNAMEs in the answer section from `name`; false when the chain is too long, which a loop is too.
bool follow_aliases(octets message, const std::vector<resource_record>& section, answer& a) {
    for (std::size_t steps = 0;; ++steps) {
        const auto alias = std::ranges::find_if(section, [&](const resource_record& r) {
            return r.type == static_cast<std::uint16_t>(record_type::cname) && same_name(r.owner, a.canonical_name);
        });
        if (alias == section.end()) return true;
        const auto target = read_data(message, *alias);
        if (steps == max_aliases || !target) return false;
        a.canonical_name = std::get<cname_record>(*target).name;
        a.ttl = std::min(a.ttl, alias->ttl);
    }
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) noexcept {
    if (a.ends_with('.')) a.remove_suffix(1);
    if (b.ends_with('.')) b.remove_suffix(1);
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

answer read_answer(std::span<const unsigned char> message, std::string_view name, record_type type) {
    if (message.size() < header_size) return failed("answer too short");
    reader in(message);
    in.seek(2);
    const auto flags = *in.u16();
    const auto questions = *in.u16();
    const auto answers = *in.u16();
    const auto authorities = *in.u16();
    in.seek(header_size);
    const unsigned rcode = flags & 0x0fU;
    if (rcode != rcode_no_error && rcode != rcode_name_error) return failed("server answered rcode " + std::to_string(rcode));
    for (unsigned i = 0; i < questions; ++i) {
        if (!in.name() || !in.take(4)) return failed("malformed question in answer");
    }
    std::size_t budget = max_records;
    const auto answer_section = read_section(in, answers, budget);
    if (!answer_section) return failed("malformed answer");

    answer a;
    a.canonical_name = name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
    a.ttl = max_ttl;
    a.authenticated = (flags & 0x20U) != 0;  // RFC 4035 3.2.3
    if (type != record_type::cname && !follow_aliases(message, *answer_section, a))
        return failed("CNAME loop or chain too long");
    for (const auto& r : *answer_section) {
        if (r.type != static_cast<std::uint16_t>(type) || !same_name(r.owner, a.canonical_name)) continue;
        auto data = read_data(message, r);
        if (!data) return failed("malformed record in answer");
        a.ttl = std::min(a.ttl, r.ttl);
        a.records.push_back(std::move(*data));
    }
    if (!a.records.empty()) {
        a.status = status::found;
        return a;
    }
    // RFC 2308 2.1: the rcode speaks of the last name of the chain.
    const auto authority = read_section(in, authorities, budget);
    if (!authority) return failed("malformed authority section");
    a.ttl = std::min(a.ttl, negative_ttl(message, *authority));
    a.status = rcode == rcode_name_error ? status::no_such_name : status::no_data;
    return a;
}

}  // namespace postern::dns
