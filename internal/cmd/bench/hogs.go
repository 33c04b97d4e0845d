package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
)

// A starved machine is one on which many other processes want a processor all the
// time, as on a shared runner of a CI. They are this program in another role.

// hogVariable gives a process the role of a hog; its value is for how long at most.
const hogVariable = "BENCH_HOG"

// hogsPerProcessor makes a load of 45 on two processors.
const hogsPerProcessor = 22.5

// longestHog ends a hog that nothing else has ended.
const longestHog = 5 * time.Minute

// hog wants a processor until its time is over, or until the process that started
// it closes its input, as it does when it ends.
func hog(limit string, input io.Reader) int {
	most, err := time.ParseDuration(limit)
	if err != nil {
		return program.Usage
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, input)
	}()
	for until := time.Now().Add(most); time.Now().Before(until); {
		select {
		case <-ended:
			return 0
		default:
		}
	}
	return 0
}

// starve starts hogs. The function that it returns ends them, and returns when they
// have ended.
func starve(ctx context.Context) (end func() error, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var hogs []*exec.Cmd
	var inputs []io.Closer
	end = func() error {
		var all []error
		for _, input := range inputs {
			all = append(all, input.Close())
		}
		for _, one := range hogs {
			all = append(all, one.Wait())
		}
		return errors.Join(all...)
	}
	for range int(hogsPerProcessor * float64(runtime.NumCPU())) {
		one := exec.CommandContext(ctx, self) //nolint:gosec // It is this program.
		one.Env = append(os.Environ(), hogVariable+"="+longestHog.String(), "GOMAXPROCS=1")
		input, err := one.StdinPipe()
		if err == nil {
			err = one.Start()
		}
		if err != nil {
			return nil, errors.Join(err, end())
		}
		hogs, inputs = append(hogs, one), append(inputs, input)
	}
	return end, nil
}
