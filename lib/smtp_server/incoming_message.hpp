#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/content.hpp"
#include "core/id.hpp"
#include "message/submission_filter.hpp"
#include "net/awaitable.hpp"
#include "net/spool.hpp"
#include "smtp/header_filter.hpp"
#include "smtp/line_discipline.hpp"
#include "smtp/octet_sink.hpp"
#include "smtp/reply.hpp"
#include "smtp_server/octet_census.hpp"

namespace postern::smtp_server {

/// One message while its octets arrive, by DATA or by BDAT.
///
/// Our trace fields come first, then the client's octets: counted against the size limit, their header section filtered
/// (Return-Path out, Received counted) and, when a person submits, completed, then spooled. A message that cannot be taken is
/// read to its end all the same and costs no memory meanwhile; why, seal() tells then.
class incoming_message {
public:
    /// `limit`: octets the client may send, our trace fields not counted. `completed`: with what (RFC 6409 section 8).
    incoming_message(core::message_id id, net::spool_area& area, std::uint64_t limit,
                     std::optional<message::submission_defaults> completed);

    [[nodiscard]] core::message_id id() const noexcept { return id_; }

    /// Before the client's first octet.
    void add_trace(std::string_view fields) { spool_.append(fields); }

    /// Where the client's octets go.
    [[nodiscard]] smtp::octet_sink& octets() noexcept { return limited_; }

    /// Whether drain() is due: asked after each piece, so that memory stays bounded.
    [[nodiscard]] bool full() const noexcept { return spool_.full(); }

    /// Moves octets to the spool file. A failure is remembered, for seal().
    net::awaitable<void> drain();

    /// The end: the whole message, or why it is refused: 552 5.3.4, 550 5.6.0, 554 5.4.6, 452 4.3.1, 451 4.3.0. At most once.
    net::awaitable<std::expected<std::shared_ptr<const core::content>, smtp::reply>> seal(smtp::octet_fault fault);

    /// Who the header says wrote and sent it. Only of a completed message, after seal().
    [[nodiscard]] std::vector<std::string> authors() const;

    [[nodiscard]] const octet_census& census() const noexcept { return sink_.census; }

private:
    class spool_sink final : public smtp::octet_sink {
    public:
        explicit spool_sink(net::spool& to) : to_(to) {}
        void append(std::string_view octets) override {
            census.look_at(octets);
            to_.append(octets);
        }

        octet_census census;

    private:
        net::spool& to_;
    };

    /// In front of the spool: completes the message, or hands on what comes.
    class completing_sink final : public smtp::octet_sink {
    public:
        completing_sink(smtp::octet_sink& to, std::optional<message::submission_defaults> with);
        void append(std::string_view octets) override;

        std::optional<message::submission_filter> filter;

    private:
        smtp::octet_sink& to_;
    };

    core::message_id id_;
    net::spool spool_;
    spool_sink sink_{spool_};
    completing_sink completing_;
    smtp::header_filter header_{completing_};
    smtp::limited_sink limited_;
};

}  // namespace postern::smtp_server
