package simulator

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestSoftStopIgnored(t *testing.T) {
	t.Parallel()
	t.Run("it hangs until the trouble is cleared", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c := testCloud(t, Instance{ID: "i"})
			id := put(t, c, Trouble{Kind: SoftStopIgnored})
			must(t, c, "i", stop)
			time.Sleep(time.Hour)
			wantStatus(t, c, "i", "going-down")
			c.ClearTroubles(id)
			time.Sleep(2 * time.Second)
			wantStatus(t, c, "i", "down")
		})
	})
	t.Run("it falls back to running and says why", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c := testCloud(t, Instance{ID: "i"})
			put(t, c, Trouble{Kind: SoftStopIgnored, Mode: Fallback, Message: "no answer from the guest", Count: 1})
			must(t, c, "i", stopFree)
			time.Sleep(2 * time.Second)
			i := observe(t, c, "i")
			if i.Status != "up" || i.LastOperation.State != Failed || i.LastOperation.Message != "no answer from the guest" ||
				i.StoppedMode != "" {
				t.Errorf("after the failed stop: %+v", i)
			}
			must(t, c, "i", stop)
			time.Sleep(2 * time.Second)
			wantStatus(t, c, "i", "down")
		})
	})
	t.Run("a power cut ends it where the cloud lets it", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := testWords()
			w.Legal = func(tx *Tx, o Order, status string) bool {
				return o.Force == Forced && status == "going-down" || tx.Words().DefaultLegal(o, status)
			}
			c := NewCloud("test", w, "r1")
			if err := c.Seed(Instance{ID: "i"}); err != nil {
				t.Fatal(err)
			}
			put(t, c, Trouble{Kind: SoftStopIgnored})
			must(t, c, "i", stop)
			time.Sleep(time.Minute)
			if order(t, c, "i", stop) == nil {
				t.Error("a second graceful stop was accepted")
			}
			must(t, c, "i", cutPower)
			time.Sleep(2 * time.Second)
			wantStatus(t, c, "i", "down")
		})
	})
	t.Run("a stop that is graceful first cuts the power after the grace", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c := testCloud(t, Instance{
				ID: "i",
				Durations: &Durations{
					Stop: Duration(time.Second), ForcedStop: Duration(time.Second), Grace: Duration(30 * time.Second),
				},
			})
			put(t, c, Trouble{Kind: SoftStopIgnored})
			must(t, c, "i", softCut)
			time.Sleep(30 * time.Second)
			wantStatus(t, c, "i", "going-down")
			time.Sleep(time.Second)
			wantStatus(t, c, "i", "down")
		})
	})
}

func TestStuckHoldsForcedStopsTooUntilCleared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := testCloud(t, Instance{ID: "i"}, Instance{ID: "j"})
		put(t, c, Trouble{Kind: Stuck, InstanceIDs: []string{"i"}})
		must(t, c, "i", cutPower)
		must(t, c, "j", cutPower)
		time.Sleep(time.Hour)
		wantStatus(t, c, "i", "going-down")
		wantStatus(t, c, "j", "down")
		c.ClearTroubles()
		time.Sleep(2 * time.Second)
		wantStatus(t, c, "i", "down")
	})
}

func TestStuckUntilItWasShown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := testCloud(t, Instance{ID: "i"}, Instance{ID: "j"})
		put(t, c, Trouble{Kind: Stuck, After: 2})
		must(t, c, "i", stop)
		must(t, c, "j", stop)
		for range 2 {
			time.Sleep(time.Hour)
			wantStatus(t, c, "i", "going-down")
		}
		time.Sleep(2 * time.Second)
		wantStatus(t, c, "i", "down")
		wantStatus(t, c, "j", "going-down")
	})
	t.Run("a description that lags does not show it", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c := testCloud(t, Instance{ID: "i"})
			put(t, c, Trouble{Kind: Lag, Delay: Duration(time.Minute)})
			put(t, c, Trouble{Kind: Stuck, After: 1})
			must(t, c, "i", stop)
			wantStatus(t, c, "i", "up")
			time.Sleep(time.Hour)
			wantStatus(t, c, "i", "going-down")
			time.Sleep(time.Minute + 2*time.Second)
			wantStatus(t, c, "i", "down")
		})
	})
}

func TestLagShowsThePast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := testCloud(t, Instance{ID: "i"})
		put(t, c, Trouble{Kind: Lag, Delay: Duration(3 * time.Second), Count: 1})
		must(t, c, "i", stop)
		for _, want := range []struct {
			after     time.Duration
			status    string
			operation string
		}{
			{0, "up", ""},
			{3*time.Second - 1, "up", ""},
			{1, "going-down", Operating},
			{2*time.Second - 1, "going-down", Operating},
			{1, "down", Succeeded},
		} {
			time.Sleep(want.after)
			i := observe(t, c, "i")
			if i.Status != want.status || i.LastOperation.State != want.operation {
				t.Errorf("%s later: %q, %q; want %q, %q", want.after, i.Status, i.LastOperation.State, want.status, want.operation)
			}
		}
		must(t, c, "i", start)
		wantStatus(t, c, "i", "going-up")
		if i, _ := c.Instance("i"); i.Status != "going-up" {
			t.Errorf("in truth it is %q, want going-up", i.Status)
		}
	})
}

func TestModeLagBlursTheModeAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := testCloud(t, Instance{ID: "i"})
		put(t, c, Trouble{Kind: ModeLag, Delay: Duration(5 * time.Second)})
		must(t, c, "i", stopFree)
		time.Sleep(2 * time.Second)
		if i := observe(t, c, "i"); i.Status != "down" || i.StoppedMode != "paid" {
			t.Errorf("at the end of the stop: %q, %q; want down, paid", i.Status, i.StoppedMode)
		}
		time.Sleep(5 * time.Second)
		if i := observe(t, c, "i"); i.StoppedMode != "free" {
			t.Errorf("later the mode is %q, want free", i.StoppedMode)
		}
	})
}

func TestModeTroubles(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := testCloud(t, Instance{ID: "i"}, Instance{ID: "j"})
		put(t, c, Trouble{Kind: IgnoreMode, InstanceIDs: []string{"i"}})
		put(t, c, Trouble{Kind: RefuseMode, InstanceIDs: []string{"j"}, Code: "No.Way"})
		must(t, c, "i", stopFree)
		time.Sleep(2 * time.Second)
		if i := observe(t, c, "i"); i.StoppedMode != "paid" {
			t.Errorf("the mode that was ignored reads %q, want paid", i.StoppedMode)
		}
		d := order(t, c, "j", stopFree)
		if d == nil || d.Reason != ModeRefused || d.Code != "No.Way" {
			t.Errorf("denial is %+v, want mode_refused with the code No.Way", d)
		}
		must(t, c, "j", stop)
	})
}

func TestNoStock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := testCloud(t, Instance{ID: "i", Status: "down", StoppedMode: "free"})
		put(t, c, Trouble{Kind: NoStock, Count: 1})
		put(t, c, Trouble{Kind: NoStock, Count: 1, Late: true, Message: "sold out"})
		if d := order(t, c, "i", start); d == nil || d.Reason != SoldOut {
			t.Fatalf("denial is %+v, want no_stock", d)
		}
		must(t, c, "i", start)
		wantStatus(t, c, "i", "going-up")
		time.Sleep(2 * time.Second)
		i := observe(t, c, "i")
		if i.Status != "down" || i.StoppedMode != "free" || i.LastOperation.State != Failed ||
			i.LastOperation.Message != "sold out" {
			t.Errorf("after the late want of stock: %+v", i)
		}
		must(t, c, "i", start)
		time.Sleep(2 * time.Second)
		wantStatus(t, c, "i", "up")
	})
}

func TestBusyCountsSkipsAndLasts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := testCloud(t, Instance{ID: "i"})
		put(t, c, Trouble{Kind: Busy, Action: "reboot", Skip: 1, Count: 2})
		for n, busy := range []bool{false, true, true, false} {
			d := order(t, c, "i", reboot)
			if got := d != nil && d.Reason == IsBusy; got != busy {
				t.Errorf("reboot %d: busy is %v, want %v (%+v)", n, got, busy, d)
			}
			time.Sleep(2 * time.Second)
		}
		put(t, c, Trouble{Kind: Busy, Delay: Duration(10 * time.Second)})
		if d := order(t, c, "i", stop); d == nil || d.Reason != IsBusy {
			t.Errorf("denial is %+v, want busy", d)
		}
		time.Sleep(10 * time.Second)
		must(t, c, "i", stop)
	})
}

func TestConditionsShowTheirWordAndBlock(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		trouble Trouble
		status  string
		reason  Reason
	}{
		{"rescue mode", Trouble{Kind: Rescue}, "rescue", WrongState},
		{"live migration", Trouble{Kind: LiveMigration}, "moving", WrongState},
		{"a word that nobody knows", Trouble{Kind: UnknownWord, Word: "MOONWALK"}, "MOONWALK", WrongState},
		{"the recycle bin", Trouble{Kind: Recycle}, "binned", InBin},
		{"arrears without a word", Trouble{Kind: InArrears}, "up", Unpaid},
		{"host repair without a word", Trouble{Kind: HostRepair}, "up", Repairing},
		{"an image being made", Trouble{Kind: MakingImage}, "up", Imaging},
		{"a lock", Trouble{Kind: Lock, Word: "police"}, "up", Locked},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := testCloud(t, Instance{ID: "i"})
				test.trouble.Delay = Duration(time.Minute)
				put(t, c, test.trouble)
				wantStatus(t, c, "i", test.status)
				d := order(t, c, "i", stop)
				if d == nil || d.Reason != test.reason {
					t.Errorf("denial is %+v, want %s", d, test.reason)
				}
				time.Sleep(time.Minute)
				wantStatus(t, c, "i", "up")
				must(t, c, "i", stop)
			})
		})
	}
}

func TestVanish(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := testCloud(t, Instance{ID: "i"}, Instance{ID: "j"}, Instance{ID: "k"})
		put(t, c, Trouble{Kind: Vanish, InstanceIDs: []string{"i"}, Delay: Duration(time.Minute)})
		put(t, c, Trouble{Kind: Vanish, InstanceIDs: []string{"j"}, After: 2})
		for n, want := range []int{3, 3, 2} {
			if got := len(describe(c, Query{})); got != want {
				t.Errorf("describe %d shows %d, want %d", n, got, want)
			}
		}
		time.Sleep(time.Minute)
		if d := order(t, c, "i", stop); d == nil || d.Reason != NotFound {
			t.Errorf("denial is %+v, want not_found", d)
		}
		put(t, c, Trouble{Kind: Vanish, InstanceIDs: []string{"k"}, Action: "write"})
		if got := len(describe(c, Query{})); got != 1 {
			t.Errorf("before the call %d are listed, want 1", got)
		}
		wantStatus(t, c, "k", "up")
		if d := order(t, c, "k", stop); d == nil || d.Reason != NotFound {
			t.Errorf("denial is %+v, want not_found", d)
		}
	})
}

func TestTroublesThatMakeNoSense(t *testing.T) {
	t.Parallel()
	c := testCloud(t)
	for name, trouble := range map[string]Trouble{
		"a kind that does not exist":       {Kind: "earthquake"},
		"a negative count":                 {Kind: Busy, Count: -1},
		"an unknown word without the word": {Kind: UnknownWord},
		"a soft stop in no mode":           {Kind: SoftStopIgnored, Mode: "maybe"},
		"a lag of no time":                 {Kind: Lag},
		"a server error with status 404":   {Kind: ServerError, Status: 404},
		"a status that is none":            {Kind: Error, Status: 42},
	} {
		if _, err := c.AddTrouble(trouble); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if c.ClearTroubles("t-99") {
		t.Error("a trouble that is not there was cleared")
	}
}
