package simulator

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func testWords() Words {
	return Words{
		Running: "up", Stopped: "down", Starting: "going-up", Stopping: "going-down", Rebooting: "around",
		KeepCharging: "paid", StopCharging: "free", ChargeType: "hourly", Type: "small", Zone: "-a",
		Conditions: map[Kind]string{Recycle: "binned", Rescue: "rescue", LiveMigration: "moving"},
		Settings:   []Setting{{Name: "answer", Doc: "which answer", Values: []string{"yes", "no"}}},
	}
}

func testCloud(t *testing.T, instances ...Instance) *Cloud {
	t.Helper()
	c := NewCloud("test", testWords(), "r1", "r2")
	if err := c.Seed(instances...); err != nil {
		t.Fatal(err)
	}
	return c
}

// order carries out one order, or returns why it is denied.
func order(t *testing.T, c *Cloud, id string, o Order) *Denial {
	t.Helper()
	var denial *Denial
	req := &Request{
		cloud: c,
		Call: &Call{
			Region: "r1", Action: string(o.Op), Op: o.Op, InstanceIDs: []string{id}, RequestID: "req-" + string(o.Op),
		},
	}
	req.Do(func(tx *Tx) Answer {
		if denial = tx.Check(id, o); denial == nil {
			tx.Apply(id, o)
		}
		return Answer{Status: http.StatusOK}
	})
	return denial
}

func must(t *testing.T, c *Cloud, id string, o Order) {
	t.Helper()
	if d := order(t, c, id, o); d != nil {
		t.Fatalf("%s of %s is denied: %+v", o.Op, id, *d)
	}
}

// observe returns what a describe shows of one instance.
func observe(t *testing.T, c *Cloud, id string) Instance {
	t.Helper()
	page := describe(c, Query{IDs: []string{id}})
	if len(page) != 1 {
		return Instance{}
	}
	return page[0]
}

func describe(c *Cloud, q Query) []Instance {
	var page []Instance
	req := &Request{cloud: c, Call: &Call{Region: "r1", Action: "describe", Op: OpDescribe, InstanceIDs: q.IDs}}
	req.Do(func(tx *Tx) Answer {
		page, _ = tx.Describe(q)
		return Answer{}
	})
	return page
}

func put(t *testing.T, c *Cloud, trouble Trouble) string {
	t.Helper()
	id, err := c.AddTrouble(trouble)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func wantStatus(t *testing.T, c *Cloud, id, want string) {
	t.Helper()
	if got := observe(t, c, id).Status; got != want {
		t.Errorf("status of %s is %q, want %q", id, got, want)
	}
}

var (
	stop     = Order{Op: OpStop, Force: Graceful, Mode: "paid"}
	stopFree = Order{Op: OpStop, Force: Graceful, Mode: "free"}
	cutPower = Order{Op: OpStop, Force: Forced, Mode: "paid"}
	softCut  = Order{Op: OpStop, Force: FirstGraceful, Mode: "paid"}
	start    = Order{Op: OpStart}
	reboot   = Order{Op: OpReboot, Force: Graceful}
)

func TestTransitions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := testCloud(t, Instance{ID: "i"})
		c.SetDurations(Durations{
			Start: Duration(3 * time.Second), Stop: Duration(5 * time.Second), ForcedStop: Duration(time.Second),
			Reboot: Duration(4 * time.Second),
		})
		for _, step := range []struct {
			order   Order
			during  string
			lasts   time.Duration
			after   string
			stopped string
		}{
			{stop, "going-down", 5 * time.Second, "down", "paid"},
			{start, "going-up", 3 * time.Second, "up", ""},
			{reboot, "around", 4 * time.Second, "up", ""},
			{cutPower, "going-down", time.Second, "down", "paid"},
		} {
			must(t, c, "i", step.order)
			time.Sleep(step.lasts - 1)
			i := observe(t, c, "i")
			if i.Status != step.during || i.LastOperation.State != Operating {
				t.Errorf("just before the end of %s: %q, %q; want %q, %q", step.order.Op, i.Status, i.LastOperation.State,
					step.during, Operating)
			}
			time.Sleep(1 * time.Nanosecond)
			i = observe(t, c, "i")
			got := []string{i.Status, i.StoppedMode, i.LastOperation.State, i.LastOperation.Action, i.LastOperation.RequestID}
			want := []string{step.after, step.stopped, Succeeded, string(step.order.Op), "req-" + string(step.order.Op)}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("after %s (-want +got):\n%s", step.order.Op, diff)
			}
		}
	})
}

func TestRebootShowsItsSteps(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := testWords()
		w.RebootSteps = []string{"going-down", "down", "going-up"}
		c := NewCloud("test", w, "r1")
		if err := c.Seed(Instance{ID: "i"}); err != nil {
			t.Fatal(err)
		}
		c.SetTransition(3 * time.Second)
		must(t, c, "i", reboot)
		for _, want := range []string{"going-down", "down", "going-up", "up"} {
			wantStatus(t, c, "i", want)
			time.Sleep(time.Second)
		}
	})
}

func TestOrdersThatTheStateForbids(t *testing.T) {
	t.Parallel()
	c := testCloud(t, Instance{ID: "up"}, Instance{ID: "down", Status: "down"}, Instance{ID: "odd", Status: "MOONWALK"},
		Instance{ID: "far", Region: "r2"}, Instance{ID: "locked", Locks: []string{"police"}}, Instance{
			ID: "binned", Recycled: true,
		}, Instance{ID: "poor", Arrears: true})
	for _, test := range []struct {
		name  string
		id    string
		order Order
		want  Denial
	}{
		{"stop of a stopped instance", "down", stop, Denial{Reason: WrongState, Status: "down"}},
		{"start of a running instance", "up", start, Denial{Reason: WrongState, Status: "up"}},
		{"reboot of a stopped instance", "down", reboot, Denial{Reason: WrongState, Status: "down"}},
		{"stop in a word that nobody knows", "odd", stop, Denial{Reason: WrongState, Status: "MOONWALK"}},
		{"stop in another region", "far", stop, Denial{Reason: NotFound}},
		{"stop of an absent instance", "none", stop, Denial{Reason: NotFound}},
		{"stop under a lock", "locked", stop, Denial{Reason: Locked, Status: "up", Lock: "police"}},
		{"start in the recycle bin", "binned", start, Denial{Reason: InBin, Status: "binned"}},
		{"stop in arrears", "poor", stop, Denial{Reason: Unpaid, Status: "up"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := order(t, c, test.id, test.order)
			if got == nil {
				t.Fatal("the order was accepted")
			}
			test.want.ID = test.id
			if diff := cmp.Diff(test.want, *got); diff != "" {
				t.Errorf("denial (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPublicAddressIsReleasedByAStopWithoutCharging(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name         string
		order        Order
		keeps        bool
		whileStopped string
		comesBackNew bool
	}{
		{"a stop that charges keeps it", stop, false, "203.0.113.1", false},
		{"a stop without charging releases it", stopFree, false, "", true},
		{"unless the cloud keeps it", stopFree, true, "203.0.113.1", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := testWords()
				w.KeepsPublicIP = test.keeps
				c := NewCloud("test", w, "r1")
				if err := c.Seed(Instance{ID: "i", PublicIP: "203.0.113.1", ElasticIP: "203.0.113.2"}); err != nil {
					t.Fatal(err)
				}
				must(t, c, "i", test.order)
				time.Sleep(2 * time.Second)
				i := observe(t, c, "i")
				if i.PublicIP != test.whileStopped || i.ElasticIP != "203.0.113.2" {
					t.Errorf("while stopped the addresses are %q and %q, want %q and the elastic one", i.PublicIP, i.ElasticIP,
						test.whileStopped)
				}
				must(t, c, "i", start)
				time.Sleep(2 * time.Second)
				i = observe(t, c, "i")
				if i.PublicIP == "" || (i.PublicIP != "203.0.113.1") != test.comesBackNew {
					t.Errorf("after the start the address is %q, want a new one: %v", i.PublicIP, test.comesBackNew)
				}
			})
		})
	}
}

func TestSeededTransitionsEndAndOtherWordsStay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := testCloud(t, Instance{ID: "a", Status: "going-up"}, Instance{ID: "b", Status: "going-down"},
			Instance{ID: "c", Status: "around"}, Instance{ID: "d", Status: "MOONWALK"},
			Instance{ID: "e", Status: "going-up", Durations: &Durations{Start: Duration(time.Hour)}})
		time.Sleep(2 * time.Second)
		for id, want := range map[string]string{"a": "up", "b": "down", "c": "up", "d": "MOONWALK", "e": "going-up"} {
			wantStatus(t, c, id, want)
		}
	})
}

func TestPagesOfADescribe(t *testing.T) {
	t.Parallel()
	c := testCloud(t)
	ids, err := c.SeedBulk(Bulk{Count: 25, First: 8, IDPattern: "i-####x", NamePattern: "n##"})
	if err != nil {
		t.Fatal(err)
	}
	if ids[0] != "i-0008x" || ids[24] != "i-0032x" {
		t.Errorf("ids run from %s to %s, want from i-0008x to i-0032x", ids[0], ids[24])
	}
	page := describe(c, Query{Offset: 20, Limit: 10})
	if len(page) != 5 || page[0].ID != "i-0028x" || page[0].Name != "n28" {
		t.Errorf("the last page has %d instances and begins with %+v, want 5 from i-0028x named n28", len(page), page[0])
	}
	page = describe(c, Query{IDs: []string{"i-0009x", "none", "i-0009x", "i-0008x"}})
	if len(page) != 2 {
		t.Errorf("a describe of two ids, one of them twice, and an absent one shows %d, want 2", len(page))
	}
	page = describe(c, Query{Match: func(i Instance) bool { return i.Name == "n30" }})
	if len(page) != 1 || page[0].ID != "i-0030x" {
		t.Errorf("a describe by name shows %+v, want i-0030x alone", page)
	}
}

func TestChangeLeavesATransitionAloneUnlessItSetsTheStatus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := testCloud(t, Instance{ID: "i"})
		must(t, c, "i", stop)
		if err := c.Change("i", func(i *Instance) error { i.Name = "new"; return nil }); err != nil {
			t.Fatal(err)
		}
		wantStatus(t, c, "i", "going-down")
		time.Sleep(2 * time.Second)
		if i := observe(t, c, "i"); i.Status != "down" || i.Name != "new" {
			t.Errorf("after the stop it is %q and named %q, want down and new", i.Status, i.Name)
		}
		must(t, c, "i", start)
		if err := c.Change("i", func(i *Instance) error { i.Status = "MOONWALK"; return nil }); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		wantStatus(t, c, "i", "MOONWALK")
	})
}

func TestResetComesBackToTheBaseline(t *testing.T) {
	t.Parallel()
	c := testCloud(t, Instance{ID: "i"})
	c.SetTransition(time.Minute)
	c.Baseline()
	c.Remove("i")
	c.SetTransition(time.Second)
	if err := c.Seed(Instance{ID: "j"}); err != nil {
		t.Fatal(err)
	}
	if err := c.SetSetting("answer", "no"); err != nil {
		t.Fatal(err)
	}
	put(t, c, Trouble{Kind: Stuck})
	c.Reset()
	if all := c.Instances(); len(all) != 1 || all[0].ID != "i" {
		t.Errorf("after the reset there is %+v, want i alone", all)
	}
	if got := c.Setting("answer"); got != "yes" {
		t.Errorf("after the reset the switch is %q, want yes", got)
	}
	if got := c.Durations().Stop; got != Duration(time.Minute) {
		t.Errorf("after the reset a stop takes %s, want a minute", got)
	}
	if n := len(c.Troubles()); n != 0 {
		t.Errorf("after the reset there are %d troubles, want none", n)
	}
}

func TestRateLimitSlides(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := testCloud(t)
		if err := c.SetRate("stop", Rate{Calls: 2, Window: Duration(time.Second)}); err != nil {
			t.Fatal(err)
		}
		admitted := func(want bool) {
			t.Helper()
			if got := c.admit(&Call{Action: "stop", Region: "r1", Account: "1"}); got != want {
				t.Errorf("at %s a call is admitted: %v, want %v", time.Now().Format("05.000"), got, want)
			}
		}
		admitted(true)
		time.Sleep(600 * time.Millisecond)
		admitted(true)
		admitted(false)
		for _, other := range []Call{
			{Action: "stop", Region: "r2", Account: "1"},
			{Action: "start", Region: "r1", Account: "1"},
			{Action: "stop", Region: "r1", Account: "2"},
		} {
			if !c.admit(&other) {
				t.Errorf("the limit reaches to %s of account %s in %s", other.Action, other.Account, other.Region)
			}
		}
		time.Sleep(400 * time.Millisecond)
		admitted(true)
		admitted(false)
		c.LimitRates(false)
		admitted(true)
	})
}
