package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/terraform"
)

// options are what a measurement needs to know.
type options struct {
	cli        string    // the program, Terraform or OpenTofu
	provider   string    // the provider's binary; empty to build it
	services   []service // whose whole matrix is measured; none for the default
	counts     []int     // of instances; none for all
	shape      string    // "single" or "fleet"; empty for both
	waves      int       // the most turns that single resources take; 0 for any number
	limit      time.Duration
	quick      bool
	goals      bool
	transition time.Duration
	out        string // the file that gets the report too
	calls      string // the file that gets the logs of the simulators
}

// parse reads the command line.
func parse(args []string, cli string, stderr io.Writer) (options, error) {
	var o options
	var clouds, counts string
	set := flag.NewFlagSet("bench", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&clouds, "clouds", "", "measure every shape on these services and nothing on others: names with "+
		"commas, or \"all\" (default: every shape on\n"+
		"tencentcloud but the longest, a few on the others; a quarter of an hour)")
	set.StringVar(&counts, "counts", "",
		"measure with these numbers of instances alone, with commas (default 1,10,100,1000, for fleets 10000 too, and "+
			"those of the acceptance)")
	set.StringVar(&o.shape, "shape", "", "measure \"single\" resources or the \"fleet\" alone (default both)")
	set.DurationVar(&o.limit, "limit", 5*time.Minute,
		"how long one command of the CLI may take, beside two transitions for each turn of its resources; one that takes "+
			"longer has failed")
	set.IntVar(&o.waves, "waves", 0, "leave out single resources that take more turns than this, which happens when "+
		"there are more of them than the parallelism:\n"+
		"each turn takes a transition (default "+strconv.Itoa(mostWaves)+", and with -clouds any number)")
	set.BoolVar(&o.quick, "quick", false,
		"a few small runs, about a minute: to see that the benchmark works, not what the provider does")
	set.BoolVar(&o.goals, "goals", false,
		"measure what the table of the goals needs and nothing else, in some seven minutes")
	set.DurationVar(&o.transition, "transition", 0, "how long each simulated stop takes (default 5s, with -quick 2s)")
	set.StringVar(&o.provider, "provider", "",
		"the provider's binary, terraform-provider-instance in a folder of its own (default: built from the sources)")
	set.StringVar(&o.calls, "calls", "", "write each call that arrived to this file, to see why a figure is what it is")
	set.StringVar(&o.out, "out", "", "write the report to this file too, as a page of the documentation")
	if err := set.Parse(args); err != nil {
		return o, err
	}
	if set.NArg() > 0 {
		return o, fmt.Errorf("there are no arguments but flags, got %q", set.Arg(0))
	}
	var err error
	if o.services, err = selectServices(clouds); err != nil {
		return o, err
	}
	if o.counts, err = parseCounts(counts); err != nil {
		return o, err
	}
	switch {
	case o.quick && o.goals:
		return o, errors.New("-quick and -goals exclude each other")
	case o.shape != "" && o.shape != shapeSingle && o.shape != shapeFleet:
		return o, fmt.Errorf("-shape is %q or %q, not %q", shapeSingle, shapeFleet, o.shape)
	case o.waves < 0:
		return o, fmt.Errorf("-waves must not be negative, got %d", o.waves)
	case o.limit <= 0:
		return o, fmt.Errorf("-limit must be positive, got %s", o.limit)
	case o.transition < 0:
		return o, fmt.Errorf("-transition must not be negative, got %s", o.transition)
	case o.transition == 0 && o.quick:
		o.transition = 2 * time.Second
	case o.transition == 0:
		o.transition = 5 * time.Second
	}
	if o.waves == 0 && len(o.services) == 0 {
		o.waves = mostWaves
	}
	o.cli, err = terraform.Find(cli, "bench", exec.LookPath)
	return o, err
}

// selectServices reads the names of -clouds. A cloud with several services is
// all of them.
func selectServices(names string) ([]service, error) {
	if names == "" {
		return nil, nil
	}
	all := services()
	if names == "all" {
		return all, nil
	}
	var out []service
	for name := range strings.SplitSeq(names, ",") {
		found := false
		for _, s := range all {
			if s.Name() == name || s.Cloud == name {
				out, found = append(out, s), true
			}
		}
		if !found {
			known := make([]string, len(all))
			for i, s := range all {
				known[i] = s.Name()
			}
			return nil, fmt.Errorf("-clouds: there is no %q; there are %s", name, strings.Join(known, ", "))
		}
	}
	return out, nil
}

func parseCounts(list string) ([]int, error) {
	if list == "" {
		return nil, nil
	}
	var out []int
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > largestFleet {
			return nil, fmt.Errorf("-counts: %q is not a number from 1 to %d", text, largestFleet)
		}
		out = append(out, n)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
