postern_fuzz(dns_answer LINKS postern::dns)
