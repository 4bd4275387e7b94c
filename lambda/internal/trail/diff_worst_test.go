package trail

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/internal/trail/coverage"
	"trailkeeper/lambda/internal/trail/trailtest"
)

func cost(a, b State) time.Duration {
	best := time.Hour
	for range 2 {
		best = min(best, trailtest.CPU(func() { Diff(a, b) }))
	}
	return best
}

// maxComparing is the processor time that comparing two states may take, as a function of 256 MB has some 6.9 times
// less of it than this machine's core: a second there, of which a restore spends a handful.
const maxComparing = time.Second

// TestWorstSelectorsAreBounded: what is hard to compare is given up in time, differs, and is reported in a message's
// length.
func TestWorstSelectorsAreBounded(t *testing.T) {
	pairs := slices.Clone(trailtest.Worst)
	r := rand.New(rand.NewPCG(21, 22))
	for range 20 {
		h := [2]trailtest.Hostile{trailtest.Worst[0][0], trailtest.Worst[0][1]}
		for range 12 {
			h[0], h[1] = h[0].Mutated(r), h[1].Mutated(r)
		}
		pairs = append(pairs, h)
	}
	for _, h := range pairs {
		a, b := h[0].State(arn), h[1].State(arn)
		var changes []Change
		if took := trailtest.CPU(func() { changes = Diff(a, b) }); took > maxComparing {
			t.Errorf("%v of processor time\n%v\n%v", took, h[0], h[1])
		}
		size := 0
		for _, c := range changes {
			size += len(c.Sentence) + len(c.Before) + len(c.After)
		}
		if len(Weakened(changes)) == 0 || size > 400_000 {
			t.Errorf("%d changes, %d of them weaken, %d bytes\n%v\n%v", len(changes), len(Weakened(changes)), size, h[0], h[1])
		}
	}
}

// TestOrderIsNoChange: selectors that differ only in the order of values, conditions and selectors are the same,
// however hard they are.
func TestOrderIsNoChange(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	for _, h := range slices.Concat(trailtest.Worst[0][:], trailtest.Worst[1][:], trailtest.Worst[2][:]) {
		s, other := h.State(arn), h.State(arn)
		shuffle := func(n int, swap func(i, j int)) { r.Shuffle(n, swap) }
		for _, sel := range other.Advanced {
			for _, f := range sel.Fields {
				for _, v := range [...][]string{f.Equals, f.StartsWith, f.EndsWith, f.NotEquals, f.NotStartsWith, f.NotEndsWith} {
					shuffle(len(v), func(i, j int) { v[i], v[j] = v[j], v[i] })
				}
			}
			shuffle(len(sel.Fields), func(i, j int) { sel.Fields[i], sel.Fields[j] = sel.Fields[j], sel.Fields[i] })
		}
		shuffle(
			len(other.Advanced),
			func(i, j int) { other.Advanced[i], other.Advanced[j] = other.Advanced[j], other.Advanced[i] },
		)
		if changes := Diff(s, other); len(changes) != 1 || changes[0].Effect != Neutral {
			t.Errorf("%v: %d changes", h, len(changes))
		}
	}
}

// TestManagementIsDecided: data events that cannot be compared keep nothing from being said of management events.
func TestManagementIsDecided(t *testing.T) {
	of := func(h trailtest.Hostile, management ...FieldSelector) State {
		h.Category = 1
		s := h.State(arn)
		s.Advanced = append(
			s.Advanced,
			AdvancedSelector{Fields: append([]FieldSelector{eq("eventCategory", "Management")}, management...)},
		)
		return s
	}
	undecided := "Whether all data events are still recorded could not be worked out, for the selectors have too many " +
		"conditions; so they count as lost."
	for _, h := range trailtest.Worst[1:2] {
		baseline := of(h[0])
		sentences := func(now State) (all []string) {
			for _, c := range Weakened(Diff(baseline, now)) {
				all = append(all, c.Sentence)
			}
			return all
		}
		blind := of(h[1], eq("readOnly", "true"))
		if said := sentences(
			blind,
		); len(said) < 2 || said[0] != "Write management events are no longer recorded." ||
			!slices.Contains(said, undecided) {
			t.Errorf("half-blind: %q", said)
		}
		if got := blinding(baseline, blind); !slices.Equal(got, []Field{FieldSelectors}) || coverage.RecordsWrites(blind) {
			t.Errorf("half-blind: %v blinds, write events %v", got, coverage.RecordsWrites(blind))
		}
		for _, c := range Diff(baseline, blind) { // each way and each category has a budget of its own
			if strings.Contains(c.Sentence, "management events are recorded now could not") {
				t.Errorf("half-blind: %s", c.Sentence)
			}
		}
		seeing := of(h[1])
		if said := sentences(
			seeing,
		); len(said) == 0 || strings.HasPrefix(said[0], "Write") ||
			!slices.Contains(said, undecided) {
			t.Errorf("all management events: %q", said)
		}
		if got := blinding(baseline, seeing); len(got) > 0 || !coverage.RecordsWrites(seeing) {
			t.Errorf("all management events: %v blinds, write events %v", got, coverage.RecordsWrites(seeing))
		}
	}
}

// TestHuntForTheWorst climbs towards the selectors that take the longest to compare. TRAIL_HUNT says how many it tries,
// TRAIL_SEED where it starts.
func TestHuntForTheWorst(t *testing.T) {
	rounds, err := strconv.Atoi(os.Getenv("TRAIL_HUNT"))
	if err != nil {
		rounds = 8
	}
	seed, _ := strconv.ParseUint(os.Getenv("TRAIL_SEED"), 10, 64)
	r := rand.New(rand.NewPCG(seed, 2))
	best, slowest := trailtest.Worst[0], time.Duration(0)
	for range rounds {
		try := best
		steps := 1 + r.IntN(3)
		if r.IntN(6) == 0 {
			steps = 20
		}
		for range steps {
			i := r.IntN(2)
			try[i] = try[i].Mutated(r)
		}
		if took := cost(try[0].State(arn), try[1].State(arn)); took > slowest {
			slowest, best = took, try
			t.Logf("%v\n%v\n%v", took, try[0], try[1])
		}
	}
	if slowest > maxComparing {
		t.Errorf("%v of processor time", slowest)
	}
}
