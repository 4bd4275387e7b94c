package backtest

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"trailkeeper/lambda/internal/archive"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/rules/detect"
)

// Report is what a run has found. Its JSON is the command's contract. Reports of parts of an archive make that of the
// whole, the same as if it had been read in one run: Merge. Texts from records and file names are one bounded line
// each, and not escaped.
type Report struct {
	Records int64            `json:"records"` // that were decided
	Bytes   int64            `json:"bytes"`   // of text, after unpacking
	Files   int64            `json:"files"`   // that were found; those that could not be read are among them
	Skipped []Skip           `json:"skipped"`
	Rules   map[string]*Rule `json:"rules"`   // that are on, by ID
	Ignored map[string]int64 `json:"ignored"` // by the ID of the ignore rule
	// MessagesPerWeek is how many messages the findings would make in a week like the time from Since to Until.
	MessagesPerWeek float64 `json:"messages_per_week"`

	First  string           `json:"first,omitempty"` // eventTime of the oldest record
	Last   string           `json:"last,omitempty"`  // and of the newest
	Days   int              `json:"days"`            // from the one to the other, both days included
	ByDay  map[string]int64 `json:"records_by_day"`
	Left   int64            `json:"left_out"` // records that the filter does not ask for
	Errors map[string]Fault `json:"errors"`   // rules that could not be applied, by ID
	Actors []Actor          `json:"actors"`   // those whose records matched most often
	// Faults and Digests are how much was skipped in all; of very much, Skipped has a part.
	Faults  int64 `json:"skipped_faults"`
	Digests int64 `json:"skipped_digests"`

	Asked  Asked            `json:"asked"`
	Shards []string         `json:"shards,omitempty"` // which parts of an archive this is, such as 1/4
	Kept   map[string]*kept `json:"kept"`             // what Merge needs, by rule
}

// Skip is a file, or a place in one, that was not read.
type Skip struct {
	File     string `json:"file"`
	Position string `json:"position,omitempty"` // empty for the whole file
	Reason   string `json:"reason"`
}

// Digest is the reason of a Skip that is no fault.
const Digest = "digest"

// Rule is what a rule has found.
type Rule struct {
	Matches    int64            `json:"matches"`  // records, before thresholds
	Findings   int64            `json:"findings"` // after them
	Messages   int64            `json:"messages"` // after dedupe
	ByDay      map[string]int64 `json:"by_day"`   // matches, by the day of eventTime, YYYY-MM-DD
	Severities map[string]int64 `json:"severities"`
	Actors     []Actor          `json:"actors"`  // whose records matched most often
	Samples    []Sample         `json:"samples"` // the newest
	// Until says that findings and messages are only of the matches up to then, because there were too many.
	Until string `json:"counted_until,omitempty"`

	Severity    string     `json:"severity"`
	Description string     `json:"description,omitempty"`
	Threshold   *Threshold `json:"threshold,omitempty"`
	Dedupe      int        `json:"dedupe_within,omitempty"` // seconds
}

// Threshold is that of a rule.
type Threshold struct {
	Count    int  `json:"count"`
	Within   int  `json:"within"` // seconds
	Distinct bool `json:"distinct,omitempty"`
}

// Sample is a record that matched.
type Sample struct {
	Time      string `json:"event_time"`
	EventID   string `json:"event_id"`
	EventName string `json:"event_name"`
	Title     string `json:"title"`
	Severity  string `json:"severity"`
	Actor     string `json:"actor"`
	File      string `json:"file"`
	Position  string `json:"position"`
}

// Actor is who made calls.
type Actor struct {
	Name    string `json:"actor"`
	Matches int64  `json:"matches"`
}

// Fault is a rule that could not be applied.
type Fault struct {
	Records int64  `json:"records"`
	Reason  string `json:"reason"` // of one of them
}

// Asked says of what the report is, for people and so that no others are merged with it.
type Asked struct {
	Since    string   `json:"since,omitempty"`
	Until    string   `json:"until,omitempty"`
	Accounts []string `json:"accounts,omitempty"`
	Regions  []string `json:"regions,omitempty"`
}

// The bounds of a report.
const (
	maxSkipped = 1000
	maxSamples = 5
	maxShown   = 10 // actors
	// maxActors bounds the actors that are counted for a rule. Beyond it, those that come later are counted together.
	maxActors = 10_000
	maxText   = 300
	maxName   = 1000 // of a file
)

// newReport is one in which nothing was found.
func newReport(set *detect.Set, filter archive.Filter, shard archive.Shard) *Report {
	r := empty()
	r.Asked = Asked{
		Since:    stamp(filter.Since),
		Until:    stamp(filter.Until),
		Accounts: filter.Accounts,
		Regions:  filter.Regions,
	}
	if s := shard.String(); s != "" {
		r.Shards = []string{s}
	}
	for _, rule := range set.Rules {
		if !rule.On() {
			continue
		}
		r.Rules[rule.ID] = ruleOf(rule)
		r.Kept[rule.ID] = &kept{}
	}
	for _, ignore := range set.Ignores {
		r.Ignored[ignore.ID] = 0
	}
	return r
}

func empty() *Report {
	return &Report{
		Skipped: []Skip{},
		Rules:   map[string]*Rule{},
		Ignored: map[string]int64{},
		ByDay:   map[string]int64{},
		Errors:  map[string]Fault{},
		Actors:  []Actor{},
		Kept:    map[string]*kept{},
	}
}

func ruleOf(rule *detect.Rule) *Rule {
	r := &Rule{
		ByDay:       map[string]int64{},
		Severities:  map[string]int64{},
		Actors:      []Actor{},
		Samples:     []Sample{},
		Severity:    rule.Severity(),
		Description: sanitize.Bound(rule.Description, maxText),
		Dedupe:      int(rule.DedupeWithin() / time.Second),
	}
	if t := rule.Threshold; t != nil {
		r.Threshold = &Threshold{t.Count, t.Within, t.Limit().Distinct}
	}
	return r
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// skip names what was not read.
func (r *Report) skip(all ...Skip) {
	for _, s := range all {
		if s.Reason == Digest {
			r.Digests++
		} else {
			r.Faults++
		}
	}
	r.keepSkipped(all)
}

func (r *Report) keepSkipped(all []Skip) {
	r.Skipped = append(r.Skipped, all...)
	if len(r.Skipped) > 2*maxSkipped {
		r.orderSkipped()
	}
}

func (r *Report) orderSkipped() {
	slices.SortFunc(r.Skipped, compareSkips)
	r.Skipped = r.Skipped[:min(len(r.Skipped), maxSkipped)]
}

// finish computes what follows from what was counted.
func (r *Report) finish() {
	r.orderSkipped()
	r.Days = days(r.First, r.Last)
	everybody, messages := map[string]int64{}, 0.0
	for _, id := range slices.Sorted(maps.Keys(r.Rules)) { // in order: a sum of fractions depends on it
		rule, k := r.Rules[id], r.Kept[id]
		for actor, n := range k.actors {
			everybody[actor] += n
		}
		rule.Actors = noisiest(k.actors)
		rule.count(&k.log)
		if covered := days(r.First, cmp.Or(rule.Until, r.Last)); covered > 0 {
			messages += float64(rule.Messages) / float64(covered)
		}
	}
	r.Actors = noisiest(everybody)
	r.MessagesPerWeek = math.Round(messages*7*100) / 100
}

// days is how many days lie between two times, both included; 0 without them.
func days(first, last string) int {
	from, err := time.Parse(time.DateOnly, cutDay(first))
	to, err2 := time.Parse(time.DateOnly, cutDay(last))
	if err != nil || err2 != nil {
		return 0
	}
	return int(to.Sub(from)/(24*time.Hour)) + 1
}

func cutDay(text string) string { return text[:min(len(text), len(time.DateOnly))] }

func noisiest(of map[string]int64) []Actor {
	all := make([]Actor, 0, len(of))
	for name, n := range of {
		all = append(all, Actor{name, n})
	}
	slices.SortFunc(all, compareActors)
	return slices.Clone(all[:min(len(all), maxShown)])
}
