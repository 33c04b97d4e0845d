package alicloud

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/alibabacloud-go/tea/dara"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

// vendorError is what the SDK's ClientError, ServerError and ThrottlingError
// have in common.
type vendorError interface {
	error
	GetCode() *string
	GetRequestId() *string
	GetData() map[string]any
	GetAccessDeniedDetail() map[string]any
}

// readError reads an error of the SDK: from the answer itself, since the SDK puts
// words of its own around the message.
func readError(err error) (driverkit.APIError, bool) {
	var vendor vendorError
	if !errors.As(err, &vendor) {
		return driverkit.APIError{}, false
	}
	answer := driverkit.APIError{
		Code:      field(vendor, "Code", vendor.GetCode()),
		Message:   field(vendor, "Message", nil),
		RequestID: field(vendor, "RequestId", vendor.GetRequestId()),
	}
	if action, ok := vendor.GetAccessDeniedDetail()["AuthAction"].(string); ok && action != "" {
		answer.Advice = "The action that was denied is " + action + "."
	}
	return answer, true
}

// field reads one field of the answer's JSON, whose name may begin with a small
// letter, or as the SDK has it, which writes "<nil>" for what the answer lacks.
func field(vendor vendorError, name string, fallback *string) string {
	data := vendor.GetData()
	for _, key := range []string{name, strings.ToLower(name[:1]) + name[1:]} {
		if found, ok := data[key].(string); ok {
			return found
		}
	}
	if found := dara.StringValue(fallback); found != "<nil>" {
		return found
	}
	return ""
}

// retryAfter reads the cloud's own headers, which count in milliseconds (SDK
// source: x-acs-retry-after becomes the RetryAfter of a ThrottlingError, which
// dara.Sleep takes as milliseconds; TimeLeft of the older headers became the
// same). The limits' headers come with good answers too, so they count only
// where a call was throttled.
func retryAfter(header http.Header, kind backend.Kind) time.Duration {
	if kind != backend.KindThrottled && kind != backend.KindUnavailable {
		return 0
	}
	wait := milliseconds(header.Get("X-Acs-Retry-After"))
	if kind != backend.KindThrottled {
		return wait
	}
	for _, name := range []string{"X-Ratelimit-User-Api", "X-Ratelimit-User"} {
		for pair := range strings.SplitSeq(header.Get(name), ",") {
			if key, value, ok := strings.Cut(strings.TrimSpace(pair), ":"); ok && key == "TimeLeft" {
				wait = max(wait, milliseconds(value))
			}
		}
	}
	return wait
}

func milliseconds(text string) time.Duration {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32)
	if err != nil {
		return 0
	}
	return max(0, time.Duration(n)*time.Millisecond)
}
