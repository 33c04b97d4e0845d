package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program/programtest"
)

func TestMain(m *testing.M) {
	if os.Getenv(roleVariable) == providerRole {
		os.Exit(serveProvider())
	}
	os.Exit(m.Run())
}

// flatReport is a report of an hour in which nothing grows.
func flatReport() *report { return flatReportOf(60, time.Minute) }

// flatReportOf is one of n samples, each a time after the one before.
func flatReportOf(n int, every time.Duration) *report {
	r := &report{cli: "Terraform v1.11.4", instances: 420, calls: 7000}
	r.date = time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)
	for i := range n {
		r.samples = append(r.samples, sample{
			usage: usage{Heap: 20 << 20, Resident: 60 << 20, Goroutines: 100 + i%3, Descriptors: 50},
			at:    time.Duration(i+1) * every, connections: 30 - i%2,
		})
	}
	return r
}

func grown(i int) uint64 { return uint64(i) } //nolint:gosec // It is not negative.

func TestWhatGrowsIsFound(t *testing.T) {
	t.Parallel()
	if got := flatReport().growing(); len(got) > 0 {
		t.Errorf("nothing grows, and %v are found", got)
	}
	for _, test := range []struct {
		grow func(s *sample, i int)
		want []string
	}{
		{func(s *sample, i int) { s.Heap += grown(i) << 16 }, []string{"memory in use after a collection"}},
		{func(s *sample, i int) { s.Resident += grown(i) << 19 }, []string{"resident memory"}},
		{func(s *sample, i int) { s.Goroutines += i / 5 }, []string{"goroutines that no connection needs"}},
		// Each connection has two goroutines, which it needs.
		{
			func(s *sample, i int) { s.connections += i; s.Goroutines += 2 * i },
			[]string{"goroutines", "connections to the clouds"},
		},
		{func(s *sample, i int) { s.Descriptors += i }, []string{"file descriptors"}},
	} {
		r := flatReport()
		for i := range r.samples {
			test.grow(&r.samples[i], i)
		}
		got := r.growing()
		if !slices.Equal(got, test.want) {
			t.Errorf("%q grow, and %q are found", test.want, got)
		}
		if text := r.markdown(); strings.Count(text, "| no |") != len(got) {
			t.Errorf("%q grow, and the report is\n%s", test.want, text)
		}
	}
}

func TestWhatGrowsDuringTheWarmUpIsNoGrowth(t *testing.T) {
	t.Parallel()
	r := flatReportOf(36, 20*time.Second)
	for i := range r.samples {
		if r.samples[i].at <= warmUp {
			r.samples[i].connections, r.samples[i].Descriptors = 1, 10
		}
	}
	if got := r.growing(); len(got) > 0 {
		t.Errorf("%v are found", got)
	}
}

func TestOfAShortRunTheSecondHalfCounts(t *testing.T) {
	t.Parallel()
	r := flatReportOf(10, 20*time.Second)
	for i := range r.samples {
		if i < 4 { // The beginning does not count, and the end does.
			r.samples[i].connections = 1
		}
		r.samples[i].Descriptors += 10 * max(0, i-5)
	}
	if got := r.growing(); !slices.Equal(got, []string{"file descriptors"}) {
		t.Errorf("%q are found, want the file descriptors", got)
	}
}

func TestTheReport(t *testing.T) {
	t.Parallel()
	text := flatReport().markdown()
	for _, want := range []string{
		"60 cycles of an apply and a plan in 1h0m0s on 2026-11-29, with Terraform v1.11.4: ",
		fmt.Sprintf("420 instances on %d clouds, 7000 calls.", len(clouds())),
		"| memory in use after a collection | 20.0 MiB | 20.0 MiB | 20.0 MiB | yes |",
		"| goroutines | 101 | 101 | 102 | yes |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the report has no %q:\n%s", want, text)
		}
	}
}

func TestTheChartIsXMLWithALineForEachFigure(t *testing.T) {
	t.Parallel()
	text := flatReport().chart()
	decoder, lines := xml.NewDecoder(strings.NewReader(text)), 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		element, ok := token.(xml.StartElement)
		if !ok || element.Name.Local != "polyline" {
			continue
		}
		lines++
		if got := len(strings.Fields(element.Attr[0].Value)); got != 60 {
			t.Errorf("a line has %d points, want one for each of 60 samples", got)
		}
	}
	if lines != len(measures()) {
		t.Errorf("there are %d lines, want %d", lines, len(measures()))
	}
	for _, want := range []string{">goroutines<", ">60 min<", "2026-11-29"} {
		if !strings.Contains(text, want) {
			t.Errorf("the chart has no %q", want)
		}
	}
}

func TestAttachment(t *testing.T) {
	t.Parallel()
	got, err := attachment("\tTF_REATTACH_PROVIDERS='{\"registry.terraform.io/a/b\":{\"Pid\":7}}'\n")
	if err != nil {
		t.Fatal(err)
	}
	name, text, _ := strings.Cut(got, "=")
	var all map[string]struct{ Pid int }
	if err := json.Unmarshal([]byte(text), &all); err != nil || name != "TF_REATTACH_PROVIDERS" {
		t.Fatalf("got %q, error %v", got, err)
	}
	for _, address := range []string{"registry.terraform.io/a/b", "registry.opentofu.org/a/b"} {
		if all[address].Pid != 7 {
			t.Errorf("%s: got %v, want the process 7", address, all)
		}
	}
	if got, err := attachment("Provider started.\n"); got != "" || err != nil {
		t.Errorf("another line: got %q and error %v", got, err)
	}
	if _, err := attachment("TF_REATTACH_PROVIDERS='{'"); err == nil {
		t.Error("half a line: got no error")
	}
}

func TestResident(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]uint64{
		"Name:\tx\nVmRSS:\t   38016 kB\nThreads:\t7\n": 38016 << 10, "Name:\tx\n": 0, "VmRSS:\tmany\n": 0,
	} {
		if got := resident(status); got != want {
			t.Errorf("resident(%q) is %d, want %d", status, got, want)
		}
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-time", "0s"}, {"-every", "-1s"}, {"-members", "0"}, {"-cycles", "0"}, {"now"}} {
		err := start(t.Context(), args, io.Discard, io.Discard)
		if got := program.Code(t.Context(), "soak", err, io.Discard); got != program.Usage {
			t.Errorf("%v: got error %v and code %d, want code %d", args, err, got, program.Usage)
		}
	}
}

// Two cycles are too few to tell whether the connections grow, of which idle ones are
// closed after a minute. They tell whether a goroutine or a descriptor is left that no
// connection needs: one has two goroutines and one descriptor.
func TestEndToEndSoak(t *testing.T) {
	t.Parallel()
	cli := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if cli == "" {
		t.Skip("TF_ACC_TERRAFORM_PATH is not set to the path of terraform or tofu")
	}
	ctx := programtest.Context(t)
	var progress bytes.Buffer
	o := options{cli: cli, environment: os.Environ(), time: time.Nanosecond, cycles: 2, members: 3}
	r, err := run(ctx, o, &progress)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.samples) != 2 || r.calls == 0 {
		t.Fatalf("got %d samples and %d calls", len(r.samples), r.calls)
	}
	for _, s := range r.samples {
		if s.Heap == 0 || s.Goroutines == 0 || s.connections == 0 {
			t.Errorf("a sample is %s", s)
		}
		if s.Goroutines-2*s.connections > 16 || s.Descriptors-s.connections > 24 {
			t.Errorf("too much is left after a cycle: %s", s)
		}
	}
	t.Logf("%s", r.markdown())
}
