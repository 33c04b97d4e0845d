package provider

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// slowServer lists, and acts, until its context ends, and then takes time over
// its last words.
type slowServer struct {
	tfprotov6.ProviderServer
	lastWords time.Duration
	err       error
}

func (s slowServer) StopProvider(
	context.Context, *tfprotov6.StopProviderRequest,
) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func (s slowServer) ValidateListResourceConfig(
	context.Context, *tfprotov6.ValidateListResourceConfigRequest,
) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	return nil, s.err
}

func (s slowServer) ListResource(
	ctx context.Context, _ *tfprotov6.ListResourceRequest,
) (*tfprotov6.ListResourceServerStream, error) {
	return &tfprotov6.ListResourceServerStream{Results: func(yield func(tfprotov6.ListResourceResult) bool) {
		if !yield(tfprotov6.ListResourceResult{DisplayName: "first"}) {
			return
		}
		s.wait(ctx)
		yield(tfprotov6.ListResourceResult{DisplayName: "last"})
	}}, s.err
}

func (s slowServer) ValidateActionConfig(
	context.Context, *tfprotov6.ValidateActionConfigRequest,
) (*tfprotov6.ValidateActionConfigResponse, error) {
	return nil, s.err
}

func (s slowServer) PlanAction(
	ctx context.Context, _ *tfprotov6.PlanActionRequest,
) (*tfprotov6.PlanActionResponse, error) {
	s.wait(ctx)
	return &tfprotov6.PlanActionResponse{}, s.err
}

func (s slowServer) InvokeAction(
	ctx context.Context, _ *tfprotov6.InvokeActionRequest,
) (*tfprotov6.InvokeActionServerStream, error) {
	return &tfprotov6.InvokeActionServerStream{Events: func(yield func(tfprotov6.InvokeActionEvent) bool) {
		s.wait(ctx)
		yield(tfprotov6.InvokeActionEvent{Type: tfprotov6.CompletedInvokeActionEventType{}})
	}}, s.err
}

func (s slowServer) wait(ctx context.Context) {
	<-ctx.Done()
	time.Sleep(s.lastWords)
}

// streamed begins a list and an action, and returns what closes when both have
// said their last.
func streamed(t *testing.T, s *server) (over chan struct{}) {
	t.Helper()
	list, err := s.ListResource(t.Context(), &tfprotov6.ListResourceRequest{})
	if err != nil {
		t.Fatal(err)
	}
	action, err := s.InvokeAction(t.Context(), &tfprotov6.InvokeActionRequest{})
	if err != nil {
		t.Fatal(err)
	}
	over = make(chan struct{})
	go func() {
		defer close(over)
		last := ""
		for result := range list.Results {
			last = result.DisplayName
		}
		if last != "last" {
			t.Errorf("the list ends with %q, want its last words", last)
		}
		events := 0
		for range action.Events {
			events++
		}
		if events != 1 {
			t.Errorf("the action has %d events, want 1", events)
		}
	}()
	return over
}

func stop(t *testing.T, ctx context.Context, s *server) (took time.Duration) {
	t.Helper()
	began := time.Now()
	if _, err := s.StopProvider(ctx, &tfprotov6.StopProviderRequest{}); err != nil {
		t.Error(err)
	}
	return time.Since(began)
}

func TestAStopWaitsForTheLastWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{ProviderServer: slowServer{lastWords: 2 * time.Second}}
		over := streamed(t, s)
		synctest.Wait()
		if got, want := stop(t, t.Context(), s), 4*time.Second; got != want {
			t.Errorf("the stop took %v, want %v: two seconds for each of two", got, want)
		}
		select {
		case <-over:
		default:
			synctest.Wait()
			<-over
		}
		if got := stop(t, t.Context(), s); got != 0 {
			t.Errorf("a stop when nothing is open took %v", got)
		}
	})
}

func TestAStopWaitsForAStreamThatIsNotReadYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{ProviderServer: slowServer{}}
		list, err := s.ListResource(t.Context(), &tfprotov6.ListResourceRequest{})
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			time.Sleep(time.Second)
			for range list.Results { //nolint:revive // It is only read to its end.
			}
		}()
		if got, want := stop(t, t.Context(), s), time.Second; got != want {
			t.Errorf("the stop took %v, want %v", got, want)
		}
	})
}

func TestAStopDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{ProviderServer: slowServer{lastWords: time.Hour}}
		over := streamed(t, s)
		synctest.Wait()
		if got, want := stop(t, t.Context(), s), lastWords; got != want {
			t.Errorf("the stop took %v, want %v", got, want)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if got, want := stop(t, ctx, s), time.Second; got != want {
			t.Errorf("a stop whose context ends took %v, want %v", got, want)
		}
		<-over
	})
}

func TestAStreamThatIsNotReadToItsEndIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{ProviderServer: slowServer{lastWords: time.Hour}}
		list, err := s.ListResource(t.Context(), &tfprotov6.ListResourceRequest{})
		if err != nil {
			t.Fatal(err)
		}
		for range list.Results {
			break
		}
		if got := stop(t, t.Context(), s); got != 0 {
			t.Errorf("the stop took %v, want none", got)
		}
	})
}

func TestAStreamThatDoesNotBeginIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wrong := errors.New("wrong")
		s := &server{ProviderServer: slowServer{err: wrong}}
		if _, err := s.ListResource(t.Context(), &tfprotov6.ListResourceRequest{}); !errors.Is(err, wrong) {
			t.Errorf("got %v, want %v", err, wrong)
		}
		if _, err := s.InvokeAction(t.Context(), &tfprotov6.InvokeActionRequest{}); !errors.Is(err, wrong) {
			t.Errorf("got %v, want %v", err, wrong)
		}
		if got := stop(t, t.Context(), s); got != 0 {
			t.Errorf("the stop took %v, want none", got)
		}
	})
}

func TestWhatArrivesAfterTheStopEndsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{ProviderServer: slowServer{}}
		stop(t, t.Context(), s)
		began := time.Now()
		<-streamed(t, s)
		if _, err := s.PlanAction(t.Context(), &tfprotov6.PlanActionRequest{}); err != nil {
			t.Error(err)
		}
		if got := time.Since(began); got != 0 {
			t.Errorf("it took %v, want none", got)
		}
	})
}
