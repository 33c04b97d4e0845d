package provider

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// stopping is whether the CLI has asked the server to stop. The protocol's
// library cancels the requests that it is serving at that moment; one that was
// already on its way and arrives later would run to its own time limit.
type stopping struct {
	once sync.Once
	made sync.Once
	ch   chan struct{}
}

func (s *stopping) channel() chan struct{} {
	s.made.Do(func() { s.ch = make(chan struct{}) })
	return s.ch
}

func (s *stopping) stop() { s.once.Do(func() { close(s.channel()) }) }

// until returns a context that ends with ctx, or when the server stops, also
// when it has stopped before. It knows when the request arrived.
func (s *stopping) until(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(arrived(ctx))
	select {
	case <-s.channel():
		cancel()
		return ctx, cancel
	default:
	}
	go func() {
		select {
		case <-s.channel():
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// StopProvider implements tfprotov6.ProviderServer.
func (s *server) StopProvider(
	ctx context.Context, req *tfprotov6.StopProviderRequest,
) (*tfprotov6.StopProviderResponse, error) {
	s.stopping.stop()
	resp, err := s.ProviderServer.StopProvider(ctx, req)
	s.streams.wait(ctx)
	return resp, err
}

// ReadResource implements tfprotov6.ProviderServer.
func (s *server) ReadResource(
	ctx context.Context, req *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	ctx, cancel := s.stopping.until(ctx)
	defer cancel()
	return s.ProviderServer.ReadResource(ctx, req)
}

// PlanResourceChange implements tfprotov6.ProviderServer.
func (s *server) PlanResourceChange(
	ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	ctx, cancel := s.stopping.until(ctx)
	defer cancel()
	return s.ProviderServer.PlanResourceChange(ctx, req)
}

// ApplyResourceChange implements tfprotov6.ProviderServer.
func (s *server) ApplyResourceChange(
	ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	ctx, cancel := s.stopping.until(ctx)
	defer cancel()
	return s.ProviderServer.ApplyResourceChange(ctx, req)
}

// ReadDataSource implements tfprotov6.ProviderServer.
func (s *server) ReadDataSource(
	ctx context.Context, req *tfprotov6.ReadDataSourceRequest,
) (*tfprotov6.ReadDataSourceResponse, error) {
	ctx, cancel := s.stopping.until(ctx)
	defer cancel()
	return s.ProviderServer.ReadDataSource(ctx, req)
}
