#pragma once

#include <charconv>
#include <initializer_list>
#include <string>
#include <string_view>

namespace prism::redis {

/// `*5\r\n`: what begins a command of so many words (RESP).
inline void append_header(std::string& out, char mark, std::size_t number) {
  char text[24];
  text[0] = mark;
  char* end = std::to_chars(text + 1, text + sizeof text - 2, number).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out.append(text, static_cast<std::size_t>(end - text));
}

inline void append_word(std::string& out, std::string_view word) {
  append_header(out, '$', word.size());
  out.append(word);
  out.append("\r\n");
}

template <typename Words>
void append_command(std::string& out, const Words& words) {
  append_header(out, '*', words.size());
  for (const std::string_view word : words) append_word(out, word);
}

inline void append_command(std::string& out, std::initializer_list<std::string_view> words) {
  append_command<std::initializer_list<std::string_view>>(out, words);
}

}  // namespace prism::redis
