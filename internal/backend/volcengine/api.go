package volcengine

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/volcengine/volcengine-go-sdk/service/ecs"
	sdk "github.com/volcengine/volcengine-go-sdk/volcengine"
	"github.com/volcengine/volcengine-go-sdk/volcengine/client"
	"github.com/volcengine/volcengine-go-sdk/volcengine/corehandlers"
	"github.com/volcengine/volcengine-go-sdk/volcengine/credentials"
	"github.com/volcengine/volcengine-go-sdk/volcengine/defaults"
	"github.com/volcengine/volcengine-go-sdk/volcengine/request"
	"github.com/volcengine/volcengine-go-sdk/volcengine/volcengineerr"

	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// api is the SDK's client, with its decoders and its logger replaced.
type api struct {
	*ecs.ECS
	scrub scrubber
}

// clientConfig gives a finished configuration to the SDK. A session.Session in
// its place would read the home directory and the environment, and make ecs.New
// panic when HTTPS_PROXY does not parse (SDK source, session.ClientConfig).
type clientConfig struct{ config client.Config }

func (c clientConfig) ClientConfig(string, ...*sdk.Config) client.Config { return c.config }

func newAPI(creds Credentials, region, endpoint string, opts Options) *api {
	config := sdk.NewConfig().
		WithCredentials(credentials.NewStaticCredentials(creds.AccessKey, creds.SecretKey, creds.SessionToken)).
		WithRegion(region).
		WithEndpoint(endpoint).
		WithMaxRetries(0).
		WithLogger(silent{}).
		WithLogLevel(sdk.LogOff).
		WithHTTPClient(&http.Client{Transport: driverkit.New(opts.UserAgent, opts.HTTP)})
	svc := ecs.New(clientConfig{client.Config{
		Config:        config,
		Handlers:      defaults.Handlers(),
		Endpoint:      endpoint,
		SigningRegion: region,
	}})
	decode := decoder{scrub: newScrubber(creds)}
	// The SDK's own decoders print to stdout, lose the status of an answer that
	// they cannot read, and dereference an Error object that is not there.
	svc.Handlers.Unmarshal.Clear()
	svc.Handlers.Unmarshal.PushBack(decode.success)
	svc.Handlers.UnmarshalError.Clear()
	svc.Handlers.UnmarshalError.PushBack(decode.failure)
	// This one prints when a machine slept between signing and sending.
	svc.Handlers.Send.Remove(corehandlers.ValidateReqSigHandler)
	return &api{ECS: svc, scrub: decode.scrub}
}

// send carries out one call for ids, and returns the cloud's id of it.
func send(ctx context.Context, req *request.Request, ids []string) (string, error) {
	ctx, ex := driverkit.Record(ctx)
	req.SetContext(ctx)
	if err := driverkit.Wrap(ctx, req.Send(), ex); err != nil {
		return req.RequestID, &callError{ids: slices.Clone(ids), whole: true, err: err}
	}
	return req.RequestID, nil
}

// envelope is the outer form of every answer (SDK source, package response).
// The codes of some gateways come in the simple form.
type envelope struct {
	ResponseMetadata *struct {
		RequestID string `json:"RequestId"`
		Error     *struct {
			Code    string
			Message string
		}
	}
	Result json.RawMessage

	SimpleCode    string `json:"errorcode"`
	SimpleMessage string `json:"message"`
}

// decoder reads answers in place of the SDK.
type decoder struct{ scrub scrubber }

// success reads an answer with a 2xx status, which may hold an error all the
// same.
func (d decoder) success(r *request.Request) {
	answer, ok := d.open(r)
	if !ok {
		return
	}
	if answer.ResponseMetadata == nil {
		r.Error = d.problem(r, "the answer has no ResponseMetadata", nil)
		return
	}
	if len(answer.Result) == 0 {
		return
	}
	if err := json.Unmarshal(answer.Result, r.Data); err != nil {
		r.Error = d.problem(r, "the answer has a Result of another form than documented", err)
	}
}

// failure reads an answer with any other status.
func (d decoder) failure(r *request.Request) {
	if _, ok := d.open(r); ok {
		r.Error = d.problem(r, "the answer has no error code", nil)
	}
}

// open reads the outer form. It returns false when it has set r.Error: for an
// error that the cloud reports, or an answer that cannot be read.
func (d decoder) open(r *request.Request) (envelope, bool) {
	var answer envelope
	body, err := io.ReadAll(r.HTTPResponse.Body)
	if closeErr := r.HTTPResponse.Body.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = json.Unmarshal(body, &answer)
	}
	if meta := answer.ResponseMetadata; meta != nil {
		r.RequestID = meta.RequestID
	}
	if err != nil {
		r.Error = d.problem(r, "the answer cannot be read", err)
		return answer, false
	}
	code, message := answer.SimpleCode, answer.SimpleMessage
	if meta := answer.ResponseMetadata; meta != nil {
		code, message = "", ""
		if meta.Error != nil {
			code, message = meta.Error.Code, meta.Error.Message
		}
	}
	if code == "" && message == "" {
		return answer, true
	}
	r.Error = failureOf(r.HTTPResponse.StatusCode, code, d.scrub.clean(message), r.RequestID)
	return answer, false
}

func (d decoder) problem(r *request.Request, text string, cause error) error {
	if cause != nil {
		text += ": " + d.scrub.clean(cause.Error())
	}
	return &answerError{status: r.HTTPResponse.StatusCode, requestID: r.RequestID, problem: text}
}

func failureOf(status int, code, message, requestID string) error {
	return volcengineerr.NewRequestFailure(volcengineerr.New(code, message, nil), status, requestID)
}

// scrubber takes the credentials out of texts of the cloud, some of which
// repeat the request.
type scrubber struct{ replacer *strings.Replacer }

// minSecret is the shortest that is taken for a key: a word of a text could be
// equal to a shorter one, and real keys are much longer.
const minSecret = 8

func newScrubber(creds Credentials) scrubber {
	var pairs []string
	for _, secret := range []string{creds.SessionToken, creds.SecretKey, creds.AccessKey} {
		if len(secret) >= minSecret {
			pairs = append(pairs, secret, masked)
		}
	}
	return scrubber{strings.NewReplacer(pairs...)}
}

func (s scrubber) clean(text string) string { return s.replacer.Replace(text) }

// silent is a logger that logs nothing: the SDK's own writes to stdout, which
// belongs to the plugin protocol.
type silent struct{}

var _ sdk.Logger = silent{}

func (silent) Log(...any)                            {}
func (silent) Debug(...any)                          {}
func (silent) DebugByLevel(sdk.LogLevelType, ...any) {}
func (silent) SetDebug(*bool)                        {}
func (silent) SetDebugLogLevel(*sdk.LogLevelType)    {}
func (silent) Warn(...any)                           {}
func (silent) Error(...any)                          {}
func (silent) SetIoWriter(io.Writer)                 {}

// answerError is an answer that is JSON, but not what the API documents.
type answerError struct {
	status    int
	requestID string
	problem   string
}

func (e *answerError) Error() string {
	return fmt.Sprintf("%s (HTTP status %d, request id %q)", e.problem, e.status, e.requestID)
}
