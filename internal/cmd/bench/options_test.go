package main

import (
	"io"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// parsed parses flags with this test's own program as the CLI.
func parsed(t *testing.T, args ...string) (options, error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return parse(args, self, io.Discard)
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		args       []string
		services   []string
		counts     []int
		transition time.Duration
		says       string
	}{
		{"the defaults", nil, nil, nil, 5 * time.Second, ""},
		{"quick has short transitions", []string{"-quick"}, nil, nil, 2 * time.Second, ""},
		{"a transition of one's own", []string{"-quick", "-transition=7s"}, nil, nil, 7 * time.Second, ""},
		{
			"a cloud with two services",
			[]string{"-clouds=zenlayercloud,alicloud"},
			[]string{"zenlayercloud-vm", "zenlayercloud-zec", "alicloud"},
			nil, 5 * time.Second, "",
		},
		{"counts are sorted", []string{"-counts=100,1,100"}, nil, []int{1, 100}, 5 * time.Second, ""},
		{"an unknown cloud", []string{"-clouds=moon"}, nil, nil, 0, `there is no "moon"; there are tencentcloud, `},
		{"a count that is no number", []string{"-counts=many"}, nil, nil, 0, `"many"`},
		{"more than a fleet holds", []string{"-counts=10001"}, nil, nil, 0, "10000"},
		{"a shape that is none", []string{"-shape=round"}, nil, nil, 0, `"round"`},
		{"turns that are none", []string{"-waves=-1"}, nil, nil, 0, "-waves"},
		{"no time for a command", []string{"-limit=0s"}, nil, nil, 0, "-limit"},
		{"a negative transition", []string{"-transition=-1s"}, nil, nil, 0, "negative"},
		{"two selections", []string{"-quick", "-goals"}, nil, nil, 0, "-goals"},
		{"an argument", []string{"now"}, nil, nil, 0, `"now"`},
		{"an unknown flag", []string{"-fast"}, nil, nil, 0, "-fast"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o, err := parsed(t, test.args...)
			if test.says != "" {
				if err == nil {
					t.Fatalf("got no error, want one with %q", test.says)
				}
				wantContains(t, err.Error(), test.says)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var services []string
			for _, s := range o.services {
				services = append(services, s.Name())
			}
			if diff := cmp.Diff(test.services, services); diff != "" {
				t.Errorf("services (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.counts, o.counts); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
			if o.transition != test.transition {
				t.Errorf("transition: got %s, want %s", o.transition, test.transition)
			}
		})
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		args      []string
		has       []string // among the scenarios, in any order
		hasNot    []string
		scenarios int
		left      string
	}{
		{
			"the default is bounded", nil,
			[]string{
				"tencentcloud: 1 single, parallelism 1", "tencentcloud: 100 single, parallelism 10", "tencentcloud: 1000 " +
					"single, parallelism 1000",
				"tencentcloud: a fleet of 10000", "tencentcloud: 40 single, parallelism 40", "tencentcloud: 300 single, " +
					"parallelism 100",
				"alicloud: a fleet of 1000", "zenlayercloud-zec: 40 single, parallelism 40",
			},
			[]string{
				"tencentcloud: 1000 single, parallelism 10", "tencentcloud: 10000 single, parallelism 100",
				"alicloud: 1 single, parallelism 1",
			},
			1 + 1 + 2 + 2 + 4 + 2 + 4*2,
			"tencentcloud: 1000 single, parallelism 10; tencentcloud: 1000 single, parallelism 100",
		},
		{
			"a named cloud is measured in full and alone",
			[]string{"-clouds=alicloud"},
			[]string{"alicloud: 1000 single, parallelism 10", "alicloud: a fleet of 10000"},
			[]string{"tencentcloud: a fleet of 10"},
			1 + 1 + 2 + 3 + 5 + 2, "",
		},
		{
			"or but for the longest",
			[]string{"-clouds=alicloud,volcengine", "-waves=20"},
			[]string{"alicloud: 1000 single, parallelism 100", "volcengine: a fleet of 10000"},
			[]string{"alicloud: 1000 single, parallelism 10"},
			2 * (1 + 1 + 2 + 2 + 5 + 2), "alicloud: 1000 single, parallelism 10; volcengine: 1000 single, parallelism 10",
		},
		{
			"counts narrow it",
			[]string{"-counts=100,40"},
			[]string{
				"tencentcloud: 100 single, parallelism 10", "tencentcloud: a fleet of 100", "tencentcloud: a fleet of 40",
				"tencentcloud: 40 single, parallelism 10", "volcengine: 40 single, parallelism 40",
			},
			[]string{"volcengine: a fleet of 1000"},
			2 + 1 + 2 + 1 + 4, "",
		},
		{
			"one shape alone",
			[]string{"-shape=fleet", "-counts=1000"},
			[]string{"tencentcloud: a fleet of 1000", "zenlayercloud-vm: a fleet of 1000"},
			[]string{"tencentcloud: 1000 single, parallelism 1000"},
			5, "",
		},
		{
			"quick is small",
			[]string{"-quick"},
			[]string{"tencentcloud: a fleet of 200", "alicloud: 10 single, parallelism 10"},
			[]string{"tencentcloud: a fleet of 1000"},
			5 + 4, "",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o, err := parsed(t, test.args...)
			if err != nil {
				t.Fatal(err)
			}
			got := choose(o)
			seen := map[string]bool{}
			for _, s := range got.run {
				if seen[s.String()] {
					t.Errorf("%s is there twice", s)
				}
				seen[s.String()] = true
			}
			for _, want := range test.has {
				if !seen[want] {
					t.Errorf("got %s; want %q among them", names(got.run), want)
				}
			}
			for _, unwanted := range test.hasNot {
				if seen[unwanted] {
					t.Errorf("got %q, want it left out", unwanted)
				}
			}
			if len(got.run) != test.scenarios {
				t.Errorf("got %d scenarios, want %d: %s", len(got.run), test.scenarios, names(got.run))
			}
			if left := names(got.left); left != test.left {
				t.Errorf("left out: got %q, want %q", left, test.left)
			}
		})
	}
}
