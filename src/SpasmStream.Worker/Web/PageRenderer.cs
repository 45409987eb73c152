using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace SpasmStream.Worker.Web;

/// <summary>
/// Renders the page to one string before the first byte leaves, so that a failing read is an error answer and
/// never half a page. Static: no circuit, no antiforgery, no key ring.
/// </summary>
sealed class PageRenderer(IServiceProvider services, ILoggerFactory loggers)
{
    public async Task<string> RenderAsync(TodayView view, bool hold, TimeSpan refresh)
    {
        await using var renderer = new HtmlRenderer(services, loggers);
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?>
        {
            [nameof(App.View)] = view,
            [nameof(App.Hold)] = hold,
            [nameof(App.RefreshSeconds)] = (int)refresh.TotalSeconds,
        });
        return await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<App>(parameters)).ToHtmlString());
    }
}
