package provider

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// The protocol's library looks for each of these by itself.
var _ interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
} = (*server)(nil)

// lastWords is how long a stop waits for what lists and actions have left to
// say.
const lastWords = 10 * time.Second

// streams counts the answers that are still being given piece by piece. The
// protocol's library drops a piece that comes after it has canceled the request,
// so that an action or a query that was cut short, with its error as the last
// piece, would look like one that is complete. It cancels when StopProvider
// returns; so that waits for them.
type streams struct {
	mu   sync.Mutex
	open int
	idle chan struct{} // closed when none is open; nil without a waiter
}

// begin counts one more, until end is called.
func (s *streams) begin() (end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open++
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.open--
		if s.open == 0 && s.idle != nil {
			close(s.idle)
			s.idle = nil
		}
	})
}

// wait returns when none is open, when ctx is done, or after lastWords.
func (s *streams) wait(ctx context.Context) {
	s.mu.Lock()
	if s.open == 0 {
		s.mu.Unlock()
		return
	}
	if s.idle == nil {
		s.idle = make(chan struct{})
	}
	idle := s.idle
	s.mu.Unlock()
	timer := time.NewTimer(lastWords)
	defer timer.Stop()
	select {
	case <-idle:
	case <-ctx.Done():
	case <-timer.C:
	}
}

// stream begins a request that is answered piece by piece. Its context ends when
// the server stops, and end must be called when the answer has.
func (s *server) stream(ctx context.Context) (within context.Context, end func()) {
	ctx, cancel := s.stopping.until(ctx)
	done := s.streams.begin()
	return ctx, func() {
		cancel()
		done()
	}
}

// ending is a sequence that calls end when it is over, or the reader wants no more.
func ending[T any](pieces iter.Seq[T], end func()) iter.Seq[T] {
	return func(yield func(T) bool) {
		defer end()
		for piece := range pieces {
			if !yield(piece) {
				return
			}
		}
	}
}

// errNotServed cannot happen with the framework's server, which serves both.
var errNotServed = errors.New("the server below has neither lists nor actions")

// ValidateListResourceConfig implements tfprotov6.ListResourceServer.
func (s *server) ValidateListResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateListResourceConfigRequest,
) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	below, ok := s.ProviderServer.(tfprotov6.ListResourceServer)
	if !ok {
		return nil, errNotServed
	}
	return below.ValidateListResourceConfig(ctx, req)
}

// ListResource implements tfprotov6.ListResourceServer.
func (s *server) ListResource(
	ctx context.Context, req *tfprotov6.ListResourceRequest,
) (*tfprotov6.ListResourceServerStream, error) {
	below, ok := s.ProviderServer.(tfprotov6.ListResourceServer)
	if !ok {
		return nil, errNotServed
	}
	ctx, end := s.stream(ctx)
	answer, err := below.ListResource(ctx, req)
	if err != nil {
		end()
		return nil, err
	}
	return &tfprotov6.ListResourceServerStream{Results: ending(answer.Results, end)}, nil
}

// ValidateActionConfig implements tfprotov6.ActionServer.
func (s *server) ValidateActionConfig(
	ctx context.Context, req *tfprotov6.ValidateActionConfigRequest,
) (*tfprotov6.ValidateActionConfigResponse, error) {
	below, ok := s.ProviderServer.(tfprotov6.ActionServer)
	if !ok {
		return nil, errNotServed
	}
	return below.ValidateActionConfig(ctx, req)
}

// PlanAction implements tfprotov6.ActionServer.
func (s *server) PlanAction(
	ctx context.Context, req *tfprotov6.PlanActionRequest,
) (*tfprotov6.PlanActionResponse, error) {
	below, ok := s.ProviderServer.(tfprotov6.ActionServer)
	if !ok {
		return nil, errNotServed
	}
	ctx, cancel := s.stopping.until(ctx)
	defer cancel()
	return below.PlanAction(ctx, req)
}

// InvokeAction implements tfprotov6.ActionServer.
func (s *server) InvokeAction(
	ctx context.Context, req *tfprotov6.InvokeActionRequest,
) (*tfprotov6.InvokeActionServerStream, error) {
	below, ok := s.ProviderServer.(tfprotov6.ActionServer)
	if !ok {
		return nil, errNotServed
	}
	ctx, end := s.stream(ctx)
	answer, err := below.InvokeAction(ctx, req)
	if err != nil {
		end()
		return nil, err
	}
	return &tfprotov6.InvokeActionServerStream{Events: ending(answer.Events, end)}, nil
}
