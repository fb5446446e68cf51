#pragma once

#include <prism/backup/component.hpp>
#include <prism/backup/unfinished_restore.hpp>
#include <prism/base/error.hpp>

#include "support/text_stream.hpp"

namespace prism::backup {

/// A target whose content is a text of this test.
class TextComponent : public Component {
 public:
  explicit TextComponent(std::string& text) : text_(text) {}

  std::string location() const override { return "a text"; }
  std::optional<Content> present(Look) override {
    return text_.empty() ? std::nullopt : std::optional(content_of(text_));
  }
  Content dump(ArtifactWriter& artifacts) override {
    if (text_ == "broken") throw Error(ErrorCode::unavailable, "no connection", "start it");
    const auto sink = artifacts.create("txt");
    sink->write(text_);
    sink->finish();
    if (text_ == "half") throw Error(ErrorCode::unavailable, "the connection was lost");
    return content_of(text_);
  }
  Content check(ArtifactReader& artifacts) override {
    return content_of(test::text_of(*artifacts.open("txt")));
  }
  std::optional<std::string> unfinished() override {
    if (text_ != "cut off") return {};
    return "a restore, begun yesterday, was cut off";
  }
  void require_restorable(ArtifactReader&) override {
    if (text_ == "too old") throw Error(ErrorCode::configuration, "the server is too old");
  }
  Content restore(ArtifactReader& artifacts) override {
    if (text_ == "breaks") throw Error(ErrorCode::io, "no space left");
    if (text_ == "half way") throw unfinished_restore({ErrorCode::permission, "may not write"});
    if (text_ == "in use") throw Error(ErrorCode::locked, "somebody has it open");
    text_ = test::text_of(*artifacts.open("txt"));
    return content_of(text_);
  }

 private:
  static Content content_of(const std::string& text) { return {"1.0", {{"letters", text.size()}}}; }

  std::string& text_;
};

}  // namespace prism::backup
