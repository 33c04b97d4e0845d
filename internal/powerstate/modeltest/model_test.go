package modeltest

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	firstSeed = flag.Uint64("model.seed", 0, "the first seed; alone, the only one, which is then shown in full")
	number    = flag.Int("model.histories", 0, "how many histories to play, from the first seed on")
	only      = flag.String("model.proof", "", "report only violations whose text contains this")
	enough    = flag.Int("model.enough", 5, "how many histories may fail before the rest is not played")
	summary   = flag.Bool("model.summary", false, "count the violations of each promise, and shrink nothing")
)

// The numbers of a run without flags.
const (
	usualSeed      = 1
	usualHistories = 2000
)

// tries is how often a scenario is played to see whether it fails: what the
// engine does at the same instant of fake time is done in an order of its own.
const tries = 5

// TestMain lets the trace of a panic in the engine name the seed: Play labels its
// goroutines with it.
func TestMain(m *testing.M) {
	settings := os.Getenv("GODEBUG")
	if settings != "" {
		settings += ","
	}
	if err := os.Setenv("GODEBUG", settings+"tracebacklabels=1"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// TestRandomHistories plays random scenarios on the engine, and proves its
// promises on each history.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	first, count := *firstSeed, *number
	if first == 0 && count == 0 {
		first, count = usualSeed, usualHistories
	}
	if count == 0 {
		replay(t, first)
		return
	}
	workers := min(runtime.GOMAXPROCS(0), count)
	run := &run{
		broken: map[Proof][]uint64{}, began: time.Now(), next: max(first, 1),
		end: max(first, 1) + uint64(count),
	}
	t.Run("workers", func(t *testing.T) {
		for range workers {
			t.Run("worker", func(t *testing.T) {
				t.Parallel()
				run.work(t)
			})
		}
	})
	t.Logf("from seed %d on: %s", max(first, 1), run.figures.String(time.Since(run.began)))
	for _, proof := range Proofs() {
		if failed := run.broken[proof]; len(failed) > 0 {
			slices.Sort(failed)
			t.Logf("%d break %q: %v", len(failed), proof, failed[:min(len(failed), 12)])
		}
	}
}

// run is what the workers share.
type run struct {
	began     time.Time
	mu        sync.Mutex
	next, end uint64
	failed    int
	broken    map[Proof][]uint64 // the seeds
	figures   Figures
}

func (r *run) take() (seed uint64, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.next == r.end || r.failed >= *enough {
		return 0, false
	}
	r.next++
	return r.next - 1, true
}

func (r *run) work(t *testing.T) {
	t.Helper()
	for {
		seed, ok := r.take()
		if !ok {
			return
		}
		h := Play(t, Generate(seed), NewEngine)
		violations := wanted(Check(h))
		r.count(seed, h, violations)
		switch {
		case len(violations) == 0:
		case *summary:
			t.Fail()
		default:
			t.Errorf("%s", report(t, seed, h, violations))
		}
	}
}

func (r *run) count(seed uint64, h *History, violations []Violation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.figures.Add(h)
	if len(violations) > 0 {
		r.failed++
	}
	for _, v := range violations {
		if seeds := r.broken[v.Proof]; len(seeds) == 0 || seeds[len(seeds)-1] != seed {
			r.broken[v.Proof] = append(seeds, seed)
		}
	}
}

// wanted leaves out what the flag does not ask for.
func wanted(all []Violation) []Violation {
	return slices.DeleteFunc(all, func(v Violation) bool { return !strings.Contains(v.String(), *only) })
}

// replay plays one seed, more than once when nothing fails, and shows it all.
func replay(t *testing.T, seed uint64) {
	t.Helper()
	var h *History
	for range 4 * tries {
		h = Play(t, Generate(seed), NewEngine)
		if violations := wanted(Check(h)); len(violations) > 0 {
			t.Errorf("%s", report(t, seed, h, violations))
			return
		}
	}
	t.Logf("nothing is wrong with this history:\n\n%s\n%s", h.Scenario, h.Text())
}

// report says how the history fails, and shows the smallest scenario that fails
// in the same way.
func report(t *testing.T, seed uint64, h *History, violations []Violation) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d breaks a promise:\n", seed)
	for _, v := range violations[:min(len(violations), 10)] {
		fmt.Fprintf(&b, "  %s\n", v)
	}
	small, h := smallest(t, h, violations[0].Proof)
	violations = wanted(Check(h))
	var ids []string
	if i := slices.IndexFunc(violations, func(v Violation) bool { return v.ID != "" }); i >= 0 {
		ids = []string{violations[i].ID}
	}
	fmt.Fprintf(&b, "\nthe smallest that was found:\n\n%s\n%s\n", small, h.Text(ids...))
	for _, v := range violations[:min(len(violations), 10)] {
		fmt.Fprintf(&b, "  %s\n", v)
	}
	fmt.Fprintf(&b, "\nto see it again:\n  go test ./internal/powerstate/modeltest -run 'TestRandomHistories' -v "+
		"-model.seed=%d\n", seed)
	return b.String()
}

// smallest shrinks a scenario that breaks the promise, and returns it with a
// history in which it does.
func smallest(t *testing.T, h *History, proof Proof) (Scenario, *History) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	small := Shrink(h.Scenario, 5000, func(s Scenario) bool {
		for range tries {
			if time.Now().After(deadline) {
				return false
			}
			played := Play(t, s, NewEngine)
			if slices.ContainsFunc(wanted(Check(played)), func(v Violation) bool { return v.Proof == proof }) {
				h = played
				return true
			}
		}
		return false
	})
	return small, h
}
