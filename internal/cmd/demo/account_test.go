package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWriteAccount(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := writeAccount(&out,
		[]cloudAccount{
			{"alicloud", 3, map[string]int{"StopInstances": 2, "DescribeInstances": 14, "StartInstances": 1}},
			{"zenlayercloud", 12, map[string]int{"DescribeInstances": 7}},
		},
		3*time.Second,
		[]span{{"apply", 3400 * time.Millisecond, 4120 * time.Millisecond}, {"destroy", 0, 650 * time.Millisecond}},
	)
	if err != nil {
		t.Fatal(err)
	}
	want := `
   CLOUD           INSTANCES   CALLS IN THE WHOLE DEMO
   alicloud        3           DescribeInstances 14, StartInstances 1, StopInstances 2
   zenlayercloud   12          DescribeInstances 7

   STEP      WAITED   TRANSITION   WHOLE COMMAND
   apply     3.4 s    3.0 s        4.1 s
   destroy   0.0 s    3.0 s        0.7 s
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("account (-want +got):\n%s", diff)
	}
}

func TestWriteAccountReportsAFailedWrite(t *testing.T) {
	t.Parallel()
	if err := writeAccount(broken{}, nil, time.Second, nil); !errors.Is(err, errBroken) {
		t.Errorf("got %v, want %v", err, errBroken)
	}
}
