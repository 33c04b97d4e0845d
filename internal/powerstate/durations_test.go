package powerstate

import (
	"context"
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

// follow reads a transition of that duration as a wait does, and returns how
// many reads it takes and how late the last one is.
func follow(h *history, duration time.Duration) (reads int, late time.Duration) {
	age := time.Duration(0)
	for age < duration {
		age += h.interval(stops, age, reads, nil)
		reads++
	}
	return reads, age - duration
}

func TestIntervals(t *testing.T) {
	t.Parallel()
	const s, ms = time.Second, time.Millisecond
	for name, test := range map[string]struct {
		history *history
		former  []time.Duration
		age     time.Duration
		reads   int
		want    time.Duration
	}{
		"the first read comes after a second":          {knows(), nil, 0, 0, s},
		"the interval grows":                           {knows(), nil, 12 * s, 0, 2 * s},
		"by a second in twelve":                        {knows(), nil, 24 * s, 0, 3 * s},
		"up to 3.35 seconds":                           {knows(), nil, 30 * s, 0, 3350 * ms},
		"and stays so for a minute":                    {knows(), nil, 60 * s, 0, 3350 * ms},
		"then it is a twentieth of the age":            {knows(), nil, 100 * s, 0, 5 * s},
		"up to ten seconds":                            {knows(), nil, 200 * s, 0, 10 * s},
		"and no further":                               {knows(), nil, time.Hour, 0, 10 * s},
		"what is known brings no earlier first read":   {knows(60 * s), nil, 0, 0, s},
		"a wait doubles its age until the time comes":  {knows(60 * s), nil, 2 * s, 0, 2 * s},
		"but reads half as often as ever":              {knows(60 * s), nil, 12 * s, 0, 4 * s},
		"and not beyond the time":                      {knows(60 * s), nil, 50 * s, 0, 4 * s},
		"then reads are close":                         {knows(60 * s), nil, 54 * s, 0, s},
		"and after the time too":                       {knows(60 * s), nil, 66 * s, 0, s},
		"a wait that is much too long is blind again":  {knows(60 * s), nil, 80 * s, 0, 4 * s},
		"the close reads a long one are less close":    {knows(300 * s), nil, 290 * s, 0, 5 * s},
		"what varies is read for longer":               {knows(30*s, 40*s, 50*s), nil, 30 * s, 0, 10 * s / 6},
		"what takes anything is not read closely":      {knows(10*s, 40*s, 70*s), nil, 40 * s, 0, 5 * s},
		"nor is that read more rarely than half as":    {knows(10*s, 10*s, 600*s), nil, 0, 0, 2 * s},
		"a long one is not read more rarely than ever": {knows(1200 * s), nil, 1150 * s, 0, 10 * s},
		"a short one is read closely from the start":   {knows(1500 * ms), nil, 600 * ms, 0, s},
		"one of another kind does not count": {func() *history {
			h := newHistory()
			h.add("start",
				60*s)
			return h
		}(), nil, 12 * s, 0, 2 * s},
		"a forced stop is another kind than a graceful one": {func() *history {
			h := newHistory()
			h.add("forced stop",
				60*s)
			return h
		}(), nil, 12 * s, 0, 2 * s},
		"what the same instance needed before counts more": {knows(20 * s), []time.Duration{60 * s}, 54 * s, 0, s},
		"also while others are read closely":               {knows(20 * s), []time.Duration{60 * s}, 18 * s, 0, 5 * s},
		"until it has lasted longer than that":             {knows(60 * s), []time.Duration{20 * s}, 24 * s, 0, 6 * s},
		"and it counts where nothing else is known":        {knows(), []time.Duration{20 * s}, 18 * s, 0, s},
		"close reads are for those who can afford them":    {knows(60 * s), nil, 54 * s, 20, s},
		"not for those who have spent theirs":              {knows(60 * s), nil, 54 * s, 23, 3350 * ms},
		"after a minute they are free":                     {knows(60 * s), nil, 61 * s, 25, s},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.history.interval(stops, test.age, test.reads, test.former); got != test.want {
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
			got := h.interval(stops, age, 0, nil)
			if got < 0 || got > 2*blind(age) {
				t.Fatalf("the interval at %v with %v known is %v, want at most twice the %v of a wait that "+
					"knows nothing", age, known, got, blind(age))
			}
		}
		// However short single intervals are, there are few reads in all.
		if reads, _ := follow(h, 15*time.Minute); reads > 250 {
			t.Errorf("a wait of 15m with %v known takes %d reads, want at most 250", known, reads)
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
	if _, late := follow(h, 10*time.Second); late > time.Second {
		t.Errorf("it is noticed %v late, want the old durations to be forgotten", late)
	}
}

// TestNoticeDelay holds what a wait costs and how late its end is noticed, for
// durations that vary by a tenth. Run it with -v for the figures.
func TestNoticeDelay(t *testing.T) {
	t.Parallel()
	for _, typical := range []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second,
		45 * time.Second, 60 * time.Second} {
		var around []time.Duration
		for i := range 101 {
			around = append(around, typical*time.Duration(900+2*i)/1000)
		}
		for _, test := range []struct {
			name string
			h    func() *history
			most time.Duration // of the 95th percentile
		}{
			{"the first of all", func() *history { return knows() },
				min(typical/12+time.Second, 3350*time.Millisecond)},
			{"after three of the same kind", func() *history {
				h := newHistory()
				for _, percent := range []time.Duration{95, 100, 105} {
					d := typical * percent / 100
					_, late := follow(h, d)
					h.add(stops, d+late) // what was noticed is what is remembered
				}
				return h
			}, time.Second},
		} {
			var delays []time.Duration
			most := 0
			for _, d := range around {
				reads, late := follow(test.h(), d)
				delays = append(delays, late)
				if d <= time.Minute {
					most = max(most, reads)
				}
			}
			slices.Sort(delays)
			median, p95 := delays[50], delays[95]
			if test.most == time.Second && median > 600*time.Millisecond {
				t.Errorf("%v, %s: the median of the delay is %v, want about half of the interval of a second", typical,
					test.name, median)
			}
			t.Logf("%v, %s: notice delay median %.2fs, 95th percentile %.2fs, at most %d reads",
				typical, test.name, median.Seconds(), p95.Seconds(), most)
			if p95 > test.most {
				t.Errorf("%v, %s: the 95th percentile of the delay is %v, want at most %v", typical, test.name, p95,
					test.most)
			}
			if most > 25 {
				t.Errorf("%v, %s: it takes %d reads, want at most 25 in a minute", typical, test.name, most)
			}
		}
	}
}

// TestTheHistoryIsUsed is the same for Reach: three stops of the
// same duration, one after the other, in one process.
func TestTheHistoryIsUsed(t *testing.T) {
	t.Parallel()
	for _, duration := range []time.Duration{5 * time.Second, 20 * time.Second, 45 * time.Second, 60 * time.Second} {
		t.Run(duration.String(), func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				w := newEmptyTestCloud(memory.Options{StopTime: duration}, Options{})
				for i, one := range w.AddN(4, backend.Instance{ID: "i", State: backend.Running}) {
					w.ForgetCalls()
					began := time.Now()
					if _, err := w.client.Reach(t.Context(), one, stopped, ReachOptions{}); err != nil {
						t.Fatal(err)
					}
					late, reads := time.Since(began)-duration, w.Count(memory.Describe)-1
					if reads > 25 {
						t.Errorf("stop %d takes %d reads, want at most 25", i, reads)
					}
					if i > 0 && late > time.Second {
						t.Errorf("the end of stop %d is noticed %v late, want at most 1s", i, late)
					}
					t.Logf("stop %d: %d reads, %v late", i, reads, late)
				}
			})
		})
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
				if calls := w.Count(memory.Describe); apart < slack && calls > 12+6*25 {
					t.Errorf("there are %d describes, want shared ones", calls)
				}
			})
		})
	}
}

// TestFormerDurationsAreUsed is for a run that is a process of its own, as
// each apply is: all that it knows is what the former one was told.
func TestFormerDurationsAreUsed(t *testing.T) {
	t.Parallel()
	for _, duration := range []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second,
		45 * time.Second, 60 * time.Second} {
		t.Run(duration.String(), func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				var former Durations
				for i := range 4 {
					w := newTestCloud(backend.Running, memory.Options{StopTime: duration}, Options{})
					began := time.Now()
					got, err := w.client.Reach(t.Context(), id, stopped, ReachOptions{Durations: former})
					if err != nil {
						t.Fatal(err)
					}
					late, reads := time.Since(began)-duration, w.Count(memory.Describe)-1
					if reads > 25 {
						t.Errorf("stop %d takes %d reads, want at most 25", i, reads)
					}
					if i > 0 && late > time.Second {
						t.Errorf("the end of stop %d is noticed %v late, want at most 1s", i, late)
					}
					if durations := got.Durations["stop"]; len(durations) != 1 ||
						(durations[0]-duration).Abs() > 2*time.Second {
						t.Errorf("it lasted %v, want one duration of about %v", durations, duration)
					}
					former = former.With(got.Durations)
				}
			})
		})
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
			if d := got.Durations[kind]; len(d) != 1 || (d[0]-about).Abs() > time.Second {
				t.Errorf("a %s lasted %v, want one duration of about %v", kind, d, about)
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
		"of many is the quick, the middle, the slow": {hundred,
			Durations{"stop": {10 * time.Second, 50 * time.Second, 90 * time.Second}}},
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
