package program

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"testing"
)

func TestCode(t *testing.T) {
	t.Parallel()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	failure := errors.New("no such cloud")
	for _, test := range []struct {
		name string
		ctx  context.Context
		err  error
		code int
		want string
	}{
		{"nothing went wrong", t.Context(), nil, 0, ""},
		{"an interrupt that came too late", canceled, nil, 0, ""},
		{"help was asked for", t.Context(), UsageError(flag.ErrHelp), 0, ""},
		{
			"the command line is wrong", t.Context(), fmt.Errorf("-runs: %w", UsageError(failure)), Usage,
			"p: -runs: no such cloud\n",
		},
		{"the command line has no error", t.Context(), UsageError(nil), 0, ""},
		{"it failed", t.Context(), failure, Failed, "p: no such cloud\n"},
		{
			"it was interrupted", canceled, context.Cause(canceled), Interrupted,
			"p: context canceled; everything that it started has ended\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var stderr strings.Builder
			if code := Code(test.ctx, "p", test.err, &stderr); code != test.code || stderr.String() != test.want {
				t.Errorf("got code %d and %q, want %d and %q", code, stderr.String(), test.code, test.want)
			}
		})
	}
}
