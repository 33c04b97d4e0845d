package powerstate

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/dispatch"
)

// errNoList is for a cloud whose driver cannot list.
var errNoList = errors.New("instances of this cloud can be named by their ids only, and not be listed")

// List yields the instances that match the filter, page by page: the next page
// is requested only when the last one was consumed. An instance that several pages
// show, since the listing moved between them, is yielded once. Pages that are
// throttled, or that do not get through, are requested again until ctx ends. An
// error is the last that is yielded, and is an *Error without an InstanceID: what
// came before it is then not all there is. An instance that a page shows was observed:
// a plan of it needs no call of its own.
func (c *Client) List(ctx context.Context, filter backend.Filter) iter.Seq2[backend.Instance, error] {
	return func(yield func(backend.Instance, error) bool) {
		o := c.operation("", Target{}, dispatch.Single)
		if !c.dispatch.CanList() {
			yield(backend.Instance{}, o.fail(CloudFault, NoReason, errNoList))
			return
		}
		shown, requested := map[string]bool{}, map[string]bool{}
		for cursor := ""; ; {
			began := time.Now()
			page, next, err := c.dispatch.ListPage(ctx, filter, cursor)
			if err != nil {
				yield(backend.Instance{}, o.unanswered(ctx, err, &o.readFault))
				return
			}
			for _, in := range page {
				if shown[in.ID] {
					continue
				}
				shown[in.ID] = true
				c.cache.put(dispatch.Observation{Instance: &in, Requested: began})
				if !yield(in, nil) {
					return
				}
			}
			requested[cursor] = true
			if next == "" {
				return
			}
			if requested[next] {
				err := fmt.Errorf("the listing does not end: after %q it begins at %q again", cursor, next)
				yield(backend.Instance{}, o.fail(CloudFault, NoReason, err))
				return
			}
			cursor = next
		}
	}
}
