package main

import "testing"

func TestCheckBlamed(t *testing.T) {
	t.Parallel()
	third, others := key{"tencentcloud", "ins-3"}, []key{{"tencentcloud", "ins-1"}, {"tencentcloud", "ins-2"}}
	for _, test := range []struct{ name, output, want string }{
		{"it alone", "Warning: ins-1\nError: Unable to stop\n  - ins-3\n", ""},
		{"another one too", "Error: Unable to stop\n  - ins-2\n  - ins-3\n", "names ins-2, which was stopped"},
		{"another one alone", "Warning: ins-3\nError: Unable to stop\n  - ins-2\n", "no error that names ins-3"},
		{"no error", "Warning: ins-3\n", "no error that names ins-3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wantError(t, checkBlamed(test.output, third, others), test.want)
		})
	}
}
