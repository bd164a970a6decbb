// Any octets as a DNS answer: read without fault, and never found with nothing in it.
#include <cstdlib>

#include "dns/wire.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    using postern::dns::record_type;
    for (const auto type : {record_type::a, record_type::mx, record_type::txt, record_type::tlsa, record_type::cname}) {
        const auto answer = postern::dns::read_answer({data, size}, "x.test", type);
        if ((answer.status == postern::dns::status::found) == answer.records.empty()) std::abort();
        for (const auto& r : answer.records) (void)to_text(r);
    }
    return 0;
}
