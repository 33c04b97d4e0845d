package powerstate

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

const stops = "stop"

// knows returns a history of those durations.
func knows(durations ...time.Duration) *history {
	h := newHistory()
	for _, d := range durations {
		h.add(stops, d)
	}
	return h
}

// expect is what a wait expects that begins with the history.
func (h *history) expect(age time.Duration, former []time.Duration) expectation {
	return expect(former).at(age, expect(h.of(stops)))
}

// follow reads a transition of that duration as a wait does. It returns how many reads
// that takes, how late the last one is, and how long the transition lasted by them.
func follow(h *history, duration time.Duration, former []time.Duration) (
	reads int, late time.Duration, lasted []time.Duration,
) {
	age, before := time.Duration(0), time.Duration(0)
	for age < duration {
		before = age
		age += h.expect(age, former).interval(age)
		reads++
	}
	least := max(before, h.expect(0, former).from)
	return reads, age - duration, []time.Duration{min(least, age), age}
}

func TestIntervals(t *testing.T) {
	t.Parallel()
	const s, ms = time.Second, time.Millisecond
	another := func(kind string) *history {
		h := newHistory()
		h.add(kind, 60*s)
		return h
	}
	for name, test := range map[string]struct {
		history *history
		former  []time.Duration
		age     time.Duration
		want    time.Duration
	}{
		"the first read comes after 2.05 seconds":           {knows(), nil, 0, 2050 * ms},
		"one that comes earlier is none of its":             {knows(), nil, 1500 * ms, 1100 * ms},
		"the next five make up for that":                    {knows(), nil, 2050 * ms, 3300 * ms},
		"to the last":                                       {knows(), nil, 15250 * ms, 3300 * ms},
		"then they come every three":                        {knows(), nil, 30 * s, 3 * s},
		"for a minute":                                      {knows(), nil, 60 * s, 3 * s},
		"then the interval is a twentieth of the age":       {knows(), nil, 100 * s, 5 * s},
		"up to ten seconds":                                 {knows(), nil, 200 * s, 10 * s},
		"and no further":                                    {knows(), nil, time.Hour, 10 * s},
		"before a known end there is a read now and then":   {knows(57*s, 60*s), nil, 0, 15 * s},
		"the next one comes when the end is likely":         {knows(57*s, 60*s), nil, 45 * s, 11960 * ms},
		"then reads are close":                              {knows(57*s, 60*s), nil, 57 * s, 1100 * ms},
		"and after the time too":                            {knows(57*s, 60*s), nil, 65 * s, 1100 * ms},
		"a wait that is much too long is blind again":       {knows(57*s, 60*s), nil, 80 * s, 4 * s},
		"a short one is read close to its end":              {knows(3*s, 6*s), nil, 0, 4323953033},
		"the close reads of a long one are less close":      {knows(300 * s), nil, 295 * s, 3600 * ms},
		"what varies is read for longer":                    {knows(20*s, 30*s), nil, 25 * s, 2298688193},
		"what takes anything is read as ever":               {knows(10*s, 70*s), nil, 30 * s, 3 * s},
		"one of another kind does not count":                {another("start"), nil, 20 * s, 3 * s},
		"a forced stop is another kind than a graceful one": {another("forced stop"), nil, 20 * s, 3 * s},
		"what the same instance needed before counts more":  {knows(20 * s), []time.Duration{60 * s}, 30 * s, 15 * s},
		"until it has lasted longer than that":              {knows(60 * s), []time.Duration{20 * s}, 24 * s, 15 * s},
		"and it counts where nothing else is known":         {knows(), []time.Duration{20 * s}, 18 * s, 2700 * ms},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.history.expect(test.age, test.former).interval(test.age); got != test.want {
				t.Errorf("interval at %v is %v, want %v", test.age, got, test.want)
			}
		})
	}
}

func TestNoIntervalIsTooShortOrTooLong(t *testing.T) {
	t.Parallel()
	for _, known := range [][]time.Duration{
		nil,
		{0},
		{time.Millisecond},
		{time.Second},
		{5 * time.Second},
		{time.Minute},
		{time.Second, time.Minute},
		{10 * time.Minute},
		{30 * time.Minute},
		{10 * time.Second, 10 * time.Second, 10 * time.Minute},
		{time.Second, 10 * time.Minute},
	} {
		h := knows(known...)
		for age := time.Duration(0); age < 15*time.Minute; age += 100 * time.Millisecond {
			if got := h.expect(age, nil).interval(age); got < closeInterval || got > longestGap {
				t.Fatalf("the interval at %v with %v known is %v, want %v to %v", age, known, got, closeInterval,
					longestGap)
			}
		}
		if reads, _, _ := follow(h, 15*time.Minute, nil); reads > 150 {
			t.Errorf("a wait of 15m with %v known takes %d reads, want at most 150", known, reads)
		}
	}
}

func TestTheHistoryKeepsTheNewest(t *testing.T) {
	t.Parallel()
	h := knows(slices.Repeat([]time.Duration{5 * time.Minute}, 100)...)
	if got := len(h.durations[stops]); got != remembered {
		t.Errorf("it keeps %d, want %d", got, remembered)
	}
	for range remembered {
		h.add(stops, 10*time.Second)
	}
	if _, late, _ := follow(h, 10*time.Second, nil); late > 2*closeInterval {
		t.Errorf("it is noticed %v late, want the old durations to be forgotten", late)
	}
}

// noticeTable is what a wait costs and how late its end is noticed: the most reads of a
// wait of that length, and the median of the delay of those about as long. The first wait
// of all knows nothing; the second one what the first one noticed, of an instance whose
// durations vary by a fiftieth.
var noticeTable = []struct {
	length                 time.Duration
	firstReads, knownReads int
	firstDelay, knownDelay time.Duration
}{
	{5 * time.Second, 2, 3, 1660 * time.Millisecond, 850 * time.Millisecond},
	{10 * time.Second, 4, 3, 1660 * time.Millisecond, 800 * time.Millisecond},
	{20 * time.Second, 7, 5, 1500 * time.Millisecond, 600 * time.Millisecond},
	{30 * time.Second, 10, 6, 1500 * time.Millisecond, 600 * time.Millisecond},
	{60 * time.Second, 20, 8, 1500 * time.Millisecond, 600 * time.Millisecond},
	{120 * time.Second, 35, 12, 3 * time.Second, 1300 * time.Millisecond},
	{300 * time.Second, 55, 24, 5100 * time.Millisecond, 2700 * time.Millisecond},
}

// TestNoticeDelay holds noticeTable for the intervals. Run it with -v for the figures.
func TestNoticeDelay(t *testing.T) {
	t.Parallel()
	for _, test := range noticeTable {
		var first, known []time.Duration
		firstReads, knownReads := 0, 0
		interval := max(steadyInterval, blind(test.length))
		for i := range 300 {
			// Ends at all places between two reads.
			length := test.length + interval*time.Duration(i-150)/300
			reads, late, lasted := follow(knows(), length, nil)
			first = append(first, late)
			if length <= test.length {
				firstReads = max(firstReads, reads)
			}
			again := length + length*time.Duration(i*7%41-20)/1000
			reads, late, _ = follow(knows(), again, lasted)
			known = append(known, late)
			knownReads = max(knownReads, reads)
		}
		slices.Sort(first)
		slices.Sort(known)
		firstDelay, knownDelay := first[len(first)/2], known[len(known)/2]
		t.Logf("%v: first %d reads, %.2fs late; known at most %d reads, %.2fs late", test.length,
			firstReads, firstDelay.Seconds(), knownReads, knownDelay.Seconds())
		if firstReads > test.firstReads || knownReads > test.knownReads {
			t.Errorf("a wait of %v takes %d reads, and %d when its duration is known, want at most %d and %d",
				test.length, firstReads, knownReads, test.firstReads, test.knownReads)
		}
		if firstDelay > test.firstDelay || knownDelay > test.knownDelay {
			t.Errorf("the end of a wait of %v is noticed %v late, and %v when its duration is known, "+
				"want at most %v and %v",
				test.length, firstDelay, knownDelay, test.firstDelay, test.knownDelay)
		}
	}
}

// TestTheEndsOfAllLengthsTogether are noticed soon: of waits of up to a minute, whose
// durations are known, half within 0.6 seconds.
func TestTheEndsOfAllLengthsTogether(t *testing.T) {
	t.Parallel()
	var known []time.Duration
	for length := 2 * time.Second; length <= time.Minute; length += 250 * time.Millisecond {
		_, _, lasted := follow(knows(), length, nil)
		_, late, _ := follow(knows(), length, lasted)
		known = append(known, late)
	}
	slices.Sort(known)
	if got := known[len(known)/2]; got > 600*time.Millisecond {
		t.Errorf("half of all ends are noticed %v late, want at most 0.6s", got)
	}
}

// TestNoticeDelayOfReach holds noticeTable for Reach, with ends at all places between two reads,
// in applies that are a process of their own and know what the former one was told, and in
// one process. Run it with -v for the figures.
func TestNoticeDelayOfReach(t *testing.T) {
	t.Parallel()
	for _, test := range noticeTable {
		for name, apart := range map[string]bool{"from the former run": true, "in the same process": false} {
			t.Run(test.length.String()+", "+name, func(t *testing.T) {
				inFakeTime(t, func(t *testing.T) {
					var first, known noticed
					apartBy := max(steadyInterval, blind(test.length)) / places
					for i := range places {
						length := test.length + apartBy*time.Duration(i-places/2)
						again := length + length*time.Duration(i*7%41-20)/1000
						stopTwice(t, length, again, apart, &first, &known)
					}
					t.Logf("first %s; known %s", first.String(), known.String())
					// A wait is not longer than the length for which the bound on reads is.
					first.reads = first.reads[:places/2+1]
					for _, of := range []struct {
						when  string
						waits noticed
						reads int
						delay time.Duration
					}{
						{"of which nothing is known", first, test.firstReads, test.firstDelay},
						{"whose duration is known", known, test.knownReads, test.knownDelay},
					} {
						if got := slices.Max(of.waits.reads); got > of.reads {
							t.Errorf("a wait %s takes %d reads, want at most %d", of.when, got, of.reads)
						}
						if got := of.waits.median(); got > of.delay+apartBy {
							t.Errorf("the end of a wait %s is noticed %v late, want at most %v", of.when, got, of.delay)
						}
					}
				})
			})
		}
	}
}

// places is how many ends between two reads are tried.
const places = 60

// noticed are the reads of some waits, and how late their ends were noticed.
type noticed struct {
	reads []int
	late  []time.Duration
}

func (w *noticed) median() time.Duration { return slices.Sorted(slices.Values(w.late))[len(w.late)/2] }

func (w *noticed) String() string {
	return fmt.Sprintf("at most %d reads, %.2fs late", slices.Max(w.reads), w.median().Seconds())
}

// stopTwice stops an instance that nothing is known of, and again: apart, by a client of its
// own that is told what the first one noticed.
func stopTwice(t *testing.T, length, again time.Duration, apart bool, first, known *noticed) {
	t.Helper()
	w := newTestCloud(backend.Running, memory.Options{}, Options{})
	var former Durations
	for _, of := range []struct {
		length time.Duration
		to     *noticed
	}{{length, first}, {again, known}} {
		w.Behave(id, memory.Behavior{Slow: of.length})
		w.Change(id, func(in *backend.Instance) { in.State = backend.Running })
		w.ForgetCalls()
		began := time.Now()
		got, err := w.client.Reach(t.Context(), id, stopped, ReachOptions{Durations: former})
		if err != nil {
			t.Fatal(err)
		}
		of.to.reads = append(of.to.reads, w.Count(memory.Describe)-1) // One comes before the stop.
		of.to.late = append(of.to.late, time.Since(began)-of.length)
		if apart {
			w.through(w.Driver)
			former = got.Durations
		}
		time.Sleep(time.Minute)
	}
}

// TestAWaitAmongOthersTakesNoMoreReads is for reads that are shared: they come
// earlier than asked, of waits that began at other times.
func TestAWaitAmongOthersTakesNoMoreReads(t *testing.T) {
	t.Parallel()
	for _, apart := range []time.Duration{0, 130 * time.Millisecond, 290 * time.Millisecond, 700 * time.Millisecond} {
		t.Run(apart.String(), func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newEmptyTestCloud(memory.Options{BatchSize: 100, StopTime: time.Minute}, Options{})
				ids := w.AddN(12, backend.Instance{ID: "i", State: backend.Running})
				var all sync.WaitGroup
				for i, one := range ids {
					all.Go(func() {
						time.Sleep(time.Duration(i) * apart)
						if _, err := w.client.Reach(t.Context(), one, stopped, ReachOptions{}); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
				w.wantFewReads(t, ids)
				if calls := w.Count(memory.Describe); apart < 500*time.Millisecond && calls > 12+6*21 {
					t.Errorf("there are %d describes, want shared ones", calls)
				}
			})
		})
	}
}

// TestFormerDurationsAreUsed holds noticeTable for Reach: in runs that are a process of
// their own, as each apply is, and know what the former one was told; and in one process.
func TestFormerDurationsAreUsed(t *testing.T) {
	t.Parallel()
	for _, test := range noticeTable {
		for name, apart := range map[string]bool{"from the former run": true, "in the same process": false} {
			t.Run(test.length.String()+", "+name, func(t *testing.T) {
				inFakeTime(t, func(t *testing.T) {
					var former Durations
					w := newTestCloud(backend.Running, memory.Options{StopTime: test.length}, Options{})
					for i := range 4 {
						if apart {
							w.through(w.Driver)
						}
						w.ForgetCalls()
						began := time.Now()
						got, err := w.client.Reach(t.Context(), id, stopped, ReachOptions{Durations: former})
						if err != nil {
							t.Fatal(err)
						}
						late, reads := time.Since(began)-test.length, w.Count(memory.Describe)-1
						t.Logf("stop %d: %d reads, %v late", i, reads, late)
						most := test.knownReads
						if i == 0 {
							most = test.firstReads
						}
						if reads > most {
							t.Errorf("stop %d takes %d reads, want at most %d", i, reads, most)
						}
						if near := max(1500*time.Millisecond, 2*test.knownDelay); i > 0 && late > near {
							t.Errorf("the end of stop %d is noticed %v late, want at most %v", i, late, near)
						}
						d := got.Durations[stops]
						if len(d) != 2 || d[0] > test.length || d[1] < test.length || d[1]-d[0] > test.length {
							t.Errorf("stop %d lasted %v, want bounds of %v", i, d, test.length)
						}
						if apart {
							former = former.With(got.Durations)
						}
						w.Change(id, func(in *backend.Instance) { in.State = backend.Running })
						time.Sleep(time.Minute)
					}
				})
			})
		}
	}
}

func TestTheDurationsOfARestartForTheMode(t *testing.T) {
	inFakeTime(t, func(t *testing.T) {
		w := newTestCloud(backend.Stopped, memory.Options{StartTime: 3 * time.Second, StopTime: 9 * time.Second},
			Options{})
		w.Change(id, func(in *backend.Instance) { in.StoppedMode = backend.KeepCharging })
		target := Target{Goal: GoalStopped, Mode: backend.StopCharging, AllowRestart: true, ForceStop: true}
		got, err := w.client.Reach(t.Context(), id, target, ReachOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for kind, about := range map[string]time.Duration{"start": 3 * time.Second, "forced stop": 9 * time.Second} {
			if d := got.Durations[kind]; len(d) != 2 || d[0] > about || d[1] < about {
				t.Errorf("a %s lasted %v, want bounds of %v", kind, d, about)
			}
		}
		if again, err := w.client.Reach(t.Context(), id, target, ReachOptions{}); err != nil || again.Durations != nil {
			t.Errorf("where nothing is done, %v and %v, want no error and no duration", err, again.Durations)
		}
	})
}

func TestMergeDurations(t *testing.T) {
	t.Parallel()
	var hundred []Result
	for i := range 101 {
		durations := Durations{"stop": {time.Duration(100-i) * time.Second}}
		hundred = append(hundred, Result{Reached: Reached{Durations: durations}})
	}
	one := []Result{{Reached: Reached{Durations: Durations{"start": {time.Second}}}}, {Err: context.Canceled}}
	for name, test := range map[string]struct {
		results []Result
		want    Durations
	}{
		"of none is none":    {nil, Durations{}},
		"of one is that one": {one, Durations{"start": {time.Second}}},
		"of many is the quick, the middle, the slow": {
			hundred,
			Durations{"stop": {10 * time.Second, 50 * time.Second, 90 * time.Second}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(MergeDurations(test.results), test.want); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

func TestDurationsWith(t *testing.T) {
	t.Parallel()
	former := Durations{"stop": {time.Minute}, "start": {time.Second}}
	got := former.With(Durations{"stop": {time.Hour}})
	if diff := cmp.Diff(got, Durations{"stop": {time.Hour}, "start": {time.Second}}); diff != "" {
		t.Errorf("(-got +want):\n%s", diff)
	}
	if former["stop"][0] != time.Minute {
		t.Error("the former one has changed")
	}
}
