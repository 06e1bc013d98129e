function answer = send_tile(scan, file, x_um, y_um)
% Post one image to a scan of Flakescope and give its flakes (MATLAB R2018b or later).
%   scan = webwrite("http://127.0.0.1:8000/v1/scans", ...
%       struct("name", "chip 12", "um_per_px", 0.3844, "oxide_nm", 90), ...
%       weboptions("MediaType", "application/json"));
%   answer = send_tile(scan.id, "tile_0001.tif", 12368.8, -7875.3);
%   answer.flakes(1).centre_um
    import matlab.net.http.*
    import matlab.net.http.io.*

    url = "http://127.0.0.1:8000/v1/scans/" + scan + "/tiles";
    body = MultipartFormProvider( ...
        "image", FileProvider(file), ...
        "stage_x_um", StringProvider(sprintf("%.3f", x_um)), ...
        "stage_y_um", StringProvider(sprintf("%.3f", y_um)));
    headers = HeaderField.empty;
    token = getenv("FLAKESCOPE_TOKEN");
    if ~isempty(token)
        headers = HeaderField("Authorization", "Bearer " + token);
    end

    % Tried again while the service is busy or restarts: nothing is ever doubled.
    for attempt = 1:60
        try
            response = RequestMessage("POST", headers, body).send(url);
        catch problem
            if attempt == 60, rethrow(problem), end
            pause(1)
            continue
        end
        if response.StatusCode ~= StatusCode.ServiceUnavailable
            break
        end
        pause(1)
    end
    answer = response.Body.Data;
    if double(response.StatusCode) >= 300
        error("flakescope:refused", "%s", answer.detail)
    end
end
