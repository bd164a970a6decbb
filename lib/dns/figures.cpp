#include "dns/figures.hpp"

#include <string>
#include <string_view>

namespace postern::dns {

namespace {

constexpr std::array<std::string_view, 4> words{"found", "no_data", "no_such_name", "failure"};  // as status is ordered
constexpr record_type asked_for[] = {record_type::a,   record_type::aaaa, record_type::mx,  record_type::cname,
                                     record_type::txt, record_type::ptr,  record_type::tlsa};

}  // namespace

figures::figures(core::metrics& in)
    : hits_(in.count("postern_dns_cache_hits_total", "DNS questions answered from the cache")),
      seconds_(in.distribution("postern_dns_query_seconds", "What a DNS answer was waited for, the cache apart",
                               core::waiting_times())) {
    for (const auto type : asked_for) {
        for (std::size_t i = 0; i < results; ++i) {
            questions_[type].at(i) = in.count("postern_dns_queries_total", "DNS questions sent out, by type and result",
                                              {{"type", std::string(name_of(type))}, {"result", std::string(words.at(i))}});
        }
    }
}

void figures::count(record_type type, status result, std::chrono::steady_clock::duration took) const {
    seconds_.observe(std::chrono::duration<double>(took).count());
    const auto found = questions_.find(type);
    if (found != questions_.end()) found->second.at(static_cast<std::size_t>(result)).add();
}

}  // namespace postern::dns
