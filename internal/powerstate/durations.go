package powerstate

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// Durations are how long transitions lasted, by their kind: "start", "stop", "forced
// stop", "reboot". One transition has two, at least and at most, since its end lies
// between two reads. A caller can keep those of a Reach, as JSON if it likes, and pass
// them to the next Reach of the same instance, in whatever process: they tell when to
// read at short intervals, and nothing else depends on them.
type Durations map[string][]time.Duration

// MergeDurations makes one Durations of those of many instances: for each kind the
// 10th, the 50th and the 90th percentile.
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

// history is how long transitions lasted in this process.
type history struct {
	mu        sync.Mutex
	durations Durations
}

// remembered is how many durations of one kind are kept: the newest, two of each
// transition.
const remembered = 32

func newHistory() *history { return &history{durations: make(Durations)} }

func (h *history) add(kind string, durations ...time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := append(h.durations[kind], durations...)
	h.durations[kind] = all[max(0, len(all)-remembered):]
}

func (h *history) of(kind string) []time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.durations[kind])
}
