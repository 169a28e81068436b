#include "app/certificate_option.hpp"

#include <ostream>

#include "app/files/write_file.hpp"
#include "report/certificate_file_json.hpp"
#include "report/terminal.hpp"

namespace untrack {

bool write_certificate_to(const std::string& path, const CertificateFile& certificate,
                          std::ostream& err) {
  constexpr unsigned int readable = 0644;
  const std::string why = write_file(path, write_certificate_file(certificate), readable);
  if (why.empty()) return true;
  err << "untrack: cannot write " << escape_control(path) << ": " << why << "\n";
  return false;
}

}  // namespace untrack
