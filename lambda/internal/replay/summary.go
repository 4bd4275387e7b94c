package replay

import (
	"fmt"
	"strings"

	"trailkeeper/lambda/internal/assess"
)

// Decisions lists the decisions in the order in which a summary counts them.
func Decisions() []assess.Decision {
	return []assess.Decision{
		assess.Restart, assess.Restore, assess.Change, assess.Attempt, assess.Notify, assess.Ignored, skipped,
		assess.Unreadable,
	}
}

// Meaning says what the deployed app does for a decision.
func Meaning(d assess.Decision) string {
	switch d {
	case assess.Restart:
		return "logging was stopped: StartLogging is called, checked and reported"
	case assess.Restore:
		return "the trail's settings would be put back (in modes above restart)"
	case assess.Change:
		return "the trail's settings or selectors were changed: reported"
	case assess.Attempt:
		return "a call about a trail that AWS refused: reported"
	case assess.Notify:
		return "reported, nothing else"
	case assess.Ignored:
		return "no rule matches, or no trail is concerned: nothing happens"
	case skipped:
		return "a digest or Insights file: it holds no record"
	case assess.Unreadable:
		return "no event: nothing happens, and replay exits with 2"
	}
	return ""
}

// Summary counts results by decision. The zero Summary is ready to use.
type Summary struct {
	counts map[assess.Decision]int
	total  int
	ruled  int // results that a rule over CloudTrail matches
}

// Add counts one result.
func (s *Summary) Add(r Result) {
	if s.counts == nil {
		s.counts = make(map[assess.Decision]int)
	}
	s.counts[r.Decision]++
	if r.Decision != skipped {
		s.total++
	}
	if len(r.Rules) > 0 {
		s.ruled++
	}
}

// Count returns how many results had the decision.
func (s *Summary) Count(d assess.Decision) int { return s.counts[d] }

// String is the summary on one line: "5 records: 1 restart, 1 attempt, 3 ignored; rules match 2". Decisions that did
// not occur are left out.
func (s *Summary) String() string {
	var parts []string
	for _, d := range Decisions() {
		if n := s.counts[d]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, d))
		}
	}
	what := fmt.Sprintf("%d records", s.total)
	switch s.total {
	case 0:
		what = "no records"
	case 1:
		what = "1 record"
	}
	if what = strings.TrimSuffix(what+": "+strings.Join(parts, ", "), ": "); s.ruled > 0 {
		what += fmt.Sprintf("; rules match %d", s.ruled)
	}
	return what
}
