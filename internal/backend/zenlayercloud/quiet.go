package zenlayercloud

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/zenlayer/zenlayercloud-sdk-go/zenlayercloud/common"
)

// quiet stands between the SDK and the transport. The SDK prints every failed
// round trip to stderr through a logger that cannot be replaced (SDK source,
// common/client.go), so it is never shown one: a failure goes up as an answer
// that the SDK reads as its own NETWORK_ERROR. The transport has noted the true
// cause by then.
type quiet struct {
	next http.RoundTripper
}

func (q quiet) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := q.next.RoundTrip(req)
	// When the context has ended the SDK checks that first, and returns its
	// error in silence.
	if err != nil && req.Context().Err() == nil {
		return lost(req, err)
	}
	return resp, err
}

// lost is the stand-in for an answer that did not come. The SDK reads an error
// from any status but 200; which one makes no difference.
func lost(req *http.Request, cause error) (*http.Response, error) {
	body, err := json.Marshal(common.ErrorResponse{
		Code:    common.NetworkError,
		Message: "no usable answer: " + cause.Error(),
	})
	if err != nil {
		return nil, fmt.Errorf("describe the failure: %w", err)
	}
	return &http.Response{
		Status:        http.StatusText(http.StatusBadGateway),
		StatusCode:    http.StatusBadGateway,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        make(http.Header),
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
		Request:       req,
	}, nil
}
