package main

import (
	"context"
	"errors"
	"os"
	"strconv"
)

// session is one configuration of n single resources, whose instances were taken
// over as they run, and the commands that follow on it.
type session struct {
	b           *bench
	cloud       *runCloud
	folder      string
	parallelism int
	index       int // of the first call that no command was charged with
}

// newSession takes n running instances over.
func (b *bench) newSession(ctx context.Context, n, parallelism int) (*session, error) {
	service := b.firstService()
	cloud, err := newRunCloud(ctx, service, n, b.o.transition)
	if err != nil {
		return nil, err
	}
	s := &session{b: b, cloud: cloud, parallelism: parallelism}
	if s.folder, err = b.newFolder(configuration(service, cloud.server.URL(), false, cloud.ids)); err == nil {
		_, _, err = s.apply(ctx, "running")
	}
	if err != nil {
		return nil, errors.Join(err, s.end())
	}
	return s, nil
}

// end removes what the session left.
func (s *session) end() error {
	return errors.Join(s.cloud.server.Close(), os.RemoveAll(s.folder))
}

// apply brings all instances to a state, in one command with the plan for it.
func (s *session) apply(ctx context.Context, state string) (outcome, account, error) {
	return s.run(ctx, "apply", "-auto-approve", "-var=state="+state)
}

// emptyPlan plans the state that the instances are in. With its flag a plan that is
// not empty ends with code 2.
func (s *session) emptyPlan(ctx context.Context) (outcome, account, error) {
	return s.run(ctx, "plan", "-detailed-exitcode", "-var=state=running")
}

func (s *session) run(ctx context.Context, args ...string) (outcome, account, error) {
	got, err := s.b.cli.must(ctx, s.folder, append(args, "-parallelism="+strconv.Itoa(s.parallelism))...)
	err = errors.Join(err, s.b.keep(args[0], s.cloud.cloud.Calls(s.index)))
	var asked account
	asked, s.index = s.cloud.since(s.index)
	return got, asked, err
}
