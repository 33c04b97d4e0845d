package powerstate

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// Durations is how long transitions took, by their kind: "start", "stop", "forced
// stop", "reboot". A caller can keep what a Reach took, as JSON if it likes, and
// hand it to the next Reach of the same instance, in whatever process: it tells
// when to look closely, and nothing else depends on it.
type Durations map[string][]time.Duration

// MergeDurations makes one Durations of what many instances took: for each kind the quick,
// the middle and the slow ones (10th, 50th and 90th percentile).
func MergeDurations(results []Result) Durations {
	joined := make(Durations)
	for _, one := range results {
		for kind, durations := range one.Durations {
			joined[kind] = append(joined[kind], durations...)
		}
	}
	for kind, durations := range joined {
		slices.Sort(durations)
		last := len(durations) - 1
		joined[kind] = slices.Compact([]time.Duration{durations[last/10], durations[last/2], durations[last-last/10]})
	}
	return joined
}

// With returns d, with the durations in later in the place of those of the same
// kinds.
func (d Durations) With(later Durations) Durations {
	joined := make(Durations, len(d)+len(later))
	maps.Copy(joined, d)
	maps.Copy(joined, later)
	return joined
}

// kindOf names a kind of transition: those whose instances take about as long.
func kindOf(op backend.Op, forced bool) string {
	if forced {
		return "forced " + op.String()
	}
	return op.String()
}

// history is how long transitions took in this process.
type history struct {
	mu    sync.Mutex
	taken Durations
}

// remembered is how many durations of one kind are kept: the newest.
const remembered = 16

func newHistory() *history { return &history{taken: make(Durations)} }

func (h *history) add(kind string, d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := append(h.taken[kind], d)
	h.taken[kind] = all[max(0, len(all)-remembered):]
}

func (h *history) of(kind string) []time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.taken[kind])
}

// interval returns how long to sleep before the next look at a wait that is age
// old and has taken so many looks. former is how long the same took the same
// instance before: it is the best guess until that time has passed, and then what
// other instances took in this process. What they took may be learned late, when
// many looks are spent: then there are close ones only as long as enough are left
// for the rest of the first minute.
func (h *history) interval(kind string, age time.Duration, looks int, former []time.Duration) time.Duration {
	when := expect(former)
	if age >= when.to {
		when = expect(h.of(kind))
	}
	usual, d := blind(age), when.interval(age)
	if next := age + d; d < usual && next < minute && looks+1+blindLooks(next) > mostLooks {
		return usual
	}
	return d
}

// The looks while nothing is known about how long a transition takes. The
// interval grows with the age of the wait, by a second in each growth seconds,
// to steadyLook, and stays so for the rest of the first minute, which takes
// mostLooks; then it is always the same part of the age, up to longestLook.
const (
	firstLook   = time.Second
	growth      = 12
	steadyLook  = 3350 * time.Millisecond
	steadyPart  = 20
	longestLook = 10 * time.Second
	closeLook   = time.Second

	// slack is how much earlier than asked a look may come, to share a call.
	slack = 500 * time.Millisecond

	// mostLooks is how many looks a wait takes at the most in its first minute,
	// also when the last of them comes early to share a call.
	mostLooks = 25
	minute    = time.Minute + slack
)

func blind(age time.Duration) time.Duration {
	return min(max(min(firstLook+age/growth, steadyLook), age/steadyPart), longestLook)
}

// blindLooks returns how many looks there are from age to the end of the first
// minute when nothing is known.
func blindLooks(age time.Duration) (looks int) {
	for ; age < minute; age += blind(age) {
		looks++
	}
	return looks
}

// expectation is when the end of a transition is likely. The zero value expects
// nothing.
type expectation struct {
	from, to time.Duration
	near     time.Duration // the interval between looks in that time
	vague    bool          // they take anything: looking closely for so long is not worth it
}

// expect makes an expectation of how long the same has taken before.
func expect(known []time.Duration) expectation {
	if len(known) == 0 {
		return expectation{}
	}
	known = slices.Sorted(slices.Values(known))
	typical := known[len(known)/2]
	margin := max(time.Second, typical/10, (known[len(known)-1]-known[0])/2)
	return expectation{
		from: max(0, typical-margin), to: typical + 2*margin,
		near: max(closeLook, margin/6), vague: margin > max(closeLook, typical/4),
	}
}

// interval is how long to sleep before the next look.
func (e expectation) interval(age time.Duration) time.Duration {
	switch {
	case age < e.from:
		// Fewer looks until then, the first of them as early as ever.
		return min(e.from-age, max(blind(age), min(age, 2*blind(age))))
	case age < e.to && e.vague:
		return max(blind(age), min(e.near, 2*blind(age)))
	case age < e.to:
		return min(e.near, blind(age))
	}
	return blind(age)
}
