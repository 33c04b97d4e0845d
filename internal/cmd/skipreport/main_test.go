package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// events of a leg with one test of each kind, as test2json writes them.
const mixed = `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestEndToEndA"}
{"Action":"output","Package":"p","Test":"TestEndToEndA","Output":"=== RUN   TestEndToEndA\n"}
{"Action":"pass","Package":"p","Test":"TestEndToEndA","Elapsed":1}
{"Action":"run","Package":"p","Test":"TestEndToEndB"}
{"Action":"output","Package":"p","Test":"TestEndToEndB","Output":"=== RUN   TestEndToEndB\n"}
{"Action":"output","Package":"p","Test":"TestEndToEndB","Output":"    b_test.go:12: needs an action block:\n"}
{"Action":"output","Package":"p","Test":"TestEndToEndB","Output":"        Terraform 1.14\n"}
{"Action":"output","Package":"p","Test":"TestEndToEndB","Output":"--- SKIP: TestEndToEndB (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestEndToEndB","Elapsed":0}
{"Action":"fail","Package":"p","Test":"TestEndToEndC","Elapsed":0}
{"Action":"fail","Package":"p","Elapsed":1}
`

// onlySkip is the event of a skip without a word.
const onlySkip = `{"Action":"skip","Package":"p","Test":"TestEndToEndB"}
`

// subtestSkips are the skips of four subtests, for two reasons.
const subtestSkips = `{"Action":"output","Package":"p","Test":"TestA/one","Output":"    a_test.go:1: no dry run\n"}
{"Action":"skip","Package":"p","Test":"TestA/one"}
{"Action":"output","Package":"p","Test":"TestA/two","Output":"    a_test.go:1: no dry run\n"}
{"Action":"skip","Package":"p","Test":"TestA/two"}
{"Action":"output","Package":"p","Test":"TestA/three","Output":"    a_test.go:2: no modes\n"}
{"Action":"skip","Package":"p","Test":"TestA/three"}
{"Action":"output","Package":"p","Test":"TestB/one","Output":"    b_test.go:3: no dry run\n"}
{"Action":"skip","Package":"p","Test":"TestB/one"}
`

// timed is a leg whose events carry their time. The second package ran beside the first.
const timed = `{"Time":"2026-01-31T12:00:00Z","Action":"start","Package":"p"}
{"Time":"2026-01-31T12:00:01.5Z","Action":"pass","Package":"p","Test":"TestA"}
{"Time":"2026-01-31T12:01:05.2Z","Action":"pass","Package":"p"}
{"Time":"2026-01-31T11:59:59.9Z","Action":"start","Package":"q"}
{"Time":"2026-01-31T12:00:30Z","Action":"pass","Package":"q"}
`

func TestReport(t *testing.T) {
	t.Parallel()
	const passA = `{"Action":"pass","Package":"p","Test":"TestEndToEndA"}` + "\n"
	const passB = `{"Action":"pass","Package":"p","Test":"TestEndToEndB"}` + "\n"

	tests := map[string]struct {
		legs       [][2]string
		requireAll bool
		want       string
		wantErr    string
	}{
		"skips are named with their reason in each leg": {
			legs: [][2]string{{"unit tests", onlySkip}, {"Terraform v1.11.4", mixed}, {"OpenTofu v1.12.6", passB}},
			want: `skipped, unit tests:
  TestEndToEndB: no reason given
skipped, Terraform v1.11.4:
  TestEndToEndB: needs an action block: Terraform 1.14
unit tests: 0 passed, 0 failed, 1 skipped
end-to-end tests, Terraform v1.11.4: 1 passed, 1 failed, 1 skipped
end-to-end tests, OpenTofu v1.12.6: 1 passed, 0 failed, 0 skipped
all: 2 passed, 1 failed, 2 skipped
`,
		},
		"without a skip it prints so": {
			legs: [][2]string{{"unit tests", passB}},
			want: `skipped: nothing
unit tests: 1 passed, 0 failed, 0 skipped
`,
		},
		"subtests that were skipped for one reason share a line": {
			legs: [][2]string{{"unit tests", passB + subtestSkips}},
			want: `skipped, unit tests:
  TestA (2 subtests): no dry run
  TestA/three: no modes
  TestB/one: no dry run
unit tests: 1 passed, 0 failed, 4 skipped
`,
		},
		"the time of a leg is that from its first event to its last": {
			legs: [][2]string{{"unit tests", timed}},
			want: `skipped: nothing
unit tests: 1 passed, 0 failed, 0 skipped, in 1m5s
`,
		},
		"a leg in which no test ran is an error": {
			legs: [][2]string{{"Terraform v1.11.4", `{"Action":"pass","Package":"p"}` + "\n"}},
			want: `skipped: nothing
end-to-end tests, Terraform v1.11.4: 0 passed, 0 failed, 0 skipped
`,
			wantErr: "Terraform v1.11.4: no test ran",
		},
		"a test that every CLI skipped is an error where all are required": {
			legs:       [][2]string{{"unit tests", passB}, {"Terraform v1.11.4", mixed}, {"OpenTofu v1.12.6", onlySkip}},
			requireAll: true,
			want: `skipped, Terraform v1.11.4:
  TestEndToEndB: needs an action block: Terraform 1.14
skipped, OpenTofu v1.12.6:
  TestEndToEndB: no reason given
unit tests: 1 passed, 0 failed, 0 skipped
end-to-end tests, Terraform v1.11.4: 1 passed, 1 failed, 1 skipped
end-to-end tests, OpenTofu v1.12.6: 0 passed, 0 failed, 1 skipped
all: 2 passed, 1 failed, 2 skipped
`,
			wantErr: "skipped on every CLI: TestEndToEndB",
		},
		"so is one that another CLI was not asked to run": {
			legs:       [][2]string{{"Terraform v1.11.4", onlySkip}, {"Terraform v1.12.2", passA}},
			requireAll: true,
			want: `skipped, Terraform v1.11.4:
  TestEndToEndB: no reason given
end-to-end tests, Terraform v1.11.4: 0 passed, 0 failed, 1 skipped
end-to-end tests, Terraform v1.12.2: 1 passed, 0 failed, 0 skipped
all: 1 passed, 0 failed, 1 skipped
`,
			wantErr: "skipped on every CLI: TestEndToEndB",
		},
		"a test that one CLI ran is no error where all are required": {
			legs:       [][2]string{{"Terraform v1.11.4", onlySkip}, {"OpenTofu v1.12.6", passB}},
			requireAll: true,
			want: `skipped, Terraform v1.11.4:
  TestEndToEndB: no reason given
end-to-end tests, Terraform v1.11.4: 0 passed, 0 failed, 1 skipped
end-to-end tests, OpenTofu v1.12.6: 1 passed, 0 failed, 0 skipped
all: 1 passed, 0 failed, 1 skipped
`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var args []string
			for _, l := range test.legs {
				path := filepath.Join(dir, l[0]+".json")
				if err := os.WriteFile(path, []byte(l[1]), 0o600); err != nil {
					t.Fatal(err)
				}
				args = append(args, l[0]+"="+path)
			}

			var got strings.Builder
			err := run(&got, args, test.requireAll)
			gotErr := ""
			if err != nil {
				gotErr = err.Error()
			}
			if got.String() != test.want {
				t.Errorf("report:\n got %q\nwant %q", got.String(), test.want)
			}
			if gotErr != test.wantErr {
				t.Errorf("error: got %q, want %q", gotErr, test.wantErr)
			}
		})
	}
}

func TestReportRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	cut := filepath.Join(t.TempDir(), "cut.json")
	if err := os.WriteFile(cut, []byte(`{"Action":"pa`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, arg := range []string{"no-file", "leg=" + cut, "leg=" + cut + ".missing"} {
		if err := run(&strings.Builder{}, []string{arg}, false); err == nil {
			t.Errorf("run(%q): got no error, want one", arg)
		}
	}
}
