package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// events of a leg with one test of each kind, as test2json writes them.
const mixed = `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestWholeA"}
{"Action":"output","Package":"p","Test":"TestWholeA","Output":"=== RUN   TestWholeA\n"}
{"Action":"pass","Package":"p","Test":"TestWholeA","Elapsed":1}
{"Action":"run","Package":"p","Test":"TestWholeB"}
{"Action":"output","Package":"p","Test":"TestWholeB","Output":"=== RUN   TestWholeB\n"}
{"Action":"output","Package":"p","Test":"TestWholeB","Output":"    b_test.go:12: needs an action block:\n"}
{"Action":"output","Package":"p","Test":"TestWholeB","Output":"        Terraform 1.14\n"}
{"Action":"output","Package":"p","Test":"TestWholeB","Output":"--- SKIP: TestWholeB (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestWholeB","Elapsed":0}
{"Action":"fail","Package":"p","Test":"TestWholeC","Elapsed":0}
{"Action":"fail","Package":"p","Elapsed":1}
`

// onlySkip is the event of a skip without a word.
const onlySkip = `{"Action":"skip","Package":"p","Test":"TestWholeB"}
`

func TestReport(t *testing.T) {
	t.Parallel()
	const passA = `{"Action":"pass","Package":"p","Test":"TestWholeA"}` + "\n"
	const passB = `{"Action":"pass","Package":"p","Test":"TestWholeB"}` + "\n"

	tests := map[string]struct {
		legs       [][2]string
		requireAll bool
		want       string
		wantErr    string
	}{
		"skips are named with their reason in each leg": {
			legs: [][2]string{{"unit tests", onlySkip}, {"Terraform v1.11.4", mixed}, {"OpenTofu v1.12.6", passB}},
			want: `skipped, unit tests:
  TestWholeB: no reason given
skipped, Terraform v1.11.4:
  TestWholeB: needs an action block: Terraform 1.14
unit tests: 0 passed, 0 failed, 1 skipped
whole-provider tests ran on Terraform v1.11.4 (1 passed, 1 failed, 1 skipped), OpenTofu v1.12.6 (1 passed, 0 failed, 0 skipped)
`,
		},
		"without a skip and without a CLI it says so": {
			legs: [][2]string{{"unit tests", passB}},
			want: `skipped: nothing
unit tests: 1 passed, 0 failed, 0 skipped
whole-provider tests: not run
`,
		},
		"a leg in which no test ran is an error": {
			legs: [][2]string{{"Terraform v1.11.4", `{"Action":"pass","Package":"p"}` + "\n"}},
			want: `skipped: nothing
whole-provider tests ran on Terraform v1.11.4 (0 passed, 0 failed, 0 skipped)
`,
			wantErr: "Terraform v1.11.4: no test ran",
		},
		"a test that every CLI skipped is an error where all are required": {
			legs:       [][2]string{{"unit tests", passB}, {"Terraform v1.11.4", mixed}, {"OpenTofu v1.12.6", onlySkip}},
			requireAll: true,
			want: `skipped, Terraform v1.11.4:
  TestWholeB: needs an action block: Terraform 1.14
skipped, OpenTofu v1.12.6:
  TestWholeB: no reason given
unit tests: 1 passed, 0 failed, 0 skipped
whole-provider tests ran on Terraform v1.11.4 (1 passed, 1 failed, 1 skipped), OpenTofu v1.12.6 (0 passed, 0 failed, 1 skipped)
`,
			wantErr: "skipped on every CLI: TestWholeB",
		},
		"so is one that another CLI was not asked to run": {
			legs:       [][2]string{{"Terraform v1.11.4", onlySkip}, {"Terraform v1.12.2", passA}},
			requireAll: true,
			want: `skipped, Terraform v1.11.4:
  TestWholeB: no reason given
whole-provider tests ran on Terraform v1.11.4 (0 passed, 0 failed, 1 skipped), Terraform v1.12.2 (1 passed, 0 failed, 0 skipped)
`,
			wantErr: "skipped on every CLI: TestWholeB",
		},
		"a test that one CLI ran is no error where all are required": {
			legs:       [][2]string{{"Terraform v1.11.4", onlySkip}, {"OpenTofu v1.12.6", passB}},
			requireAll: true,
			want: `skipped, Terraform v1.11.4:
  TestWholeB: no reason given
whole-provider tests ran on Terraform v1.11.4 (0 passed, 0 failed, 1 skipped), OpenTofu v1.12.6 (1 passed, 0 failed, 0 skipped)
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
