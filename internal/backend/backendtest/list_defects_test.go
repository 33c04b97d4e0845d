package backendtest_test

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// listing is what ListPage returns.
type listing func(h *hooked, ctx context.Context, by backend.Filter, cursor string) ([]backend.Instance, string, error)

// ListPage applies the hooks to the right driver's listing.
func (h *hooked) ListPage(
	ctx context.Context, by backend.Filter, cursor string,
) ([]backend.Instance, string, error) {
	if h.ctx != nil {
		ctx = h.ctx(ctx)
	}
	if h.list != nil {
		return h.list(h, ctx, by, cursor)
	}
	return h.both.ListPage(ctx, by, cursor)
}

func brokenLists() []brokenDriver {
	return []brokenDriver{
		{
			name: "lists one page only", want: "listing/shows all instances",
			list: func(h *hooked, ctx context.Context, by backend.Filter, cursor string) ([]backend.Instance, string, error) {
				page, _, err := h.both.ListPage(ctx, by, cursor)
				return page, "", err
			},
		},
		{
			name: "ends at an empty page", want: "listing/finds by tags", opts: func(o *memory.Options) { o.BatchSize = 2 },
			list: func(h *hooked, ctx context.Context, by backend.Filter, cursor string) ([]backend.Instance, string, error) {
				page, next, err := h.both.ListPage(ctx, by, cursor)
				if len(page) == 0 {
					next = ""
				}
				return page, next, err
			},
		},
		{
			name: "never ends an empty listing", want: "listing/ends with an empty cursor",
			list: func(h *hooked, ctx context.Context, by backend.Filter, cursor string) ([]backend.Instance, string, error) {
				page, next, err := h.both.ListPage(ctx, by, cursor)
				if len(page) == 0 && err == nil {
					next = "again"
				}
				return page, next, err
			},
		},
		{
			name: "lists with other words", want: "listing/shows an instance as describe",
			list: func(h *hooked, ctx context.Context, by backend.Filter, cursor string) ([]backend.Instance, string, error) {
				page, next, err := h.both.ListPage(ctx, by, cursor)
				for i := range page {
					page[i].Raw = strings.ToLower(page[i].Raw)
				}
				return page, next, err
			},
		},
		{
			name: "stops what it lists", want: "listing/changes nothing",
			list: func(h *hooked, ctx context.Context, by backend.Filter, cursor string) ([]backend.Instance, string, error) {
				page, next, err := h.both.ListPage(ctx, by, cursor)
				for _, in := range page {
					h.both.Stop(ctx, []string{in.ID}, backend.StopOptions{})
				}
				return page, next, err
			},
		},
		{
			name: "does not know the star", want: "listing/finds by name",
			list: narrowed(func(f *backend.Filter) { f.Name = strings.ReplaceAll(f.Name, "*", "?") }),
		},
		{name: "finds parts of names", want: "listing/finds by name", list: narrowed(func(f *backend.Filter) {
			if f.Name != "" {
				f.Name = "*" + f.Name + "*"
			}
		})},
		{
			name: "lists without the tags", want: "listing/finds by tags",
			list: narrowed(func(f *backend.Filter) { f.Tags = nil }),
		},
		{
			name: "shows no more than a thousand by tags", want: "listing/finds all that have a tag",
			list: func(h *hooked, ctx context.Context, by backend.Filter, cursor string) ([]backend.Instance, string, error) {
				page, next, err := h.both.ListPage(ctx, by, cursor)
				if len(by.Tags) > 0 && cursor >= "i-0900" {
					next = ""
				}
				return page, next, err
			},
		},
		{
			name: "forgets where it was", want: "listing/goes on from a cursor",
			list: func(h *hooked, ctx context.Context, by backend.Filter, cursor string) ([]backend.Instance, string, error) {
				h.mu.Lock()
				defer h.mu.Unlock()
				if cursor == h.asked && cursor != "" {
					return nil, "", nil
				}
				h.asked = cursor
				return h.both.ListPage(ctx, by, cursor)
			},
		},
		{
			name: "reads a refusal as an empty listing", want: "listing/is no empty listing",
			list: func(h *hooked, ctx context.Context, by backend.Filter, cursor string) ([]backend.Instance, string, error) {
				page, next, err := h.both.ListPage(ctx, by, cursor)
				var own *memory.Error
				if errors.As(err, &own) && own.Cause == nil {
					return nil, "", nil
				}
				return page, next, err
			},
		},
		{
			name: "lists under a context of its own", want: "listing/ends at once",
			list: func(h *hooked, ctx context.Context, by backend.Filter, cursor string) ([]backend.Instance, string, error) {
				ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
				defer cancel()
				return h.both.ListPage(ctx, by, cursor)
			},
		},
		{
			name: "lists for one caller at a time", want: "listing/can be asked", opts: func(o *memory.Options) {
				o.Latency = 20 * time.Millisecond
			},
			list: func(h *hooked, ctx context.Context, by backend.Filter, cursor string) ([]backend.Instance, string, error) {
				if !h.busy.TryLock() {
					return nil, "", nil
				}
				defer h.busy.Unlock()
				return h.both.ListPage(ctx, by, cursor)
			},
		},
	}
}

// narrowed lists by a filter that was edited.
func narrowed(edit func(f *backend.Filter)) listing {
	return func(h *hooked, ctx context.Context, by backend.Filter, cursor string) ([]backend.Instance, string, error) {
		edit(&by)
		return h.both.ListPage(ctx, by, cursor)
	}
}
